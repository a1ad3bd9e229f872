/** What one types after Ctrl K in; the page, filter, range or theme it names, out. */
import { useMantineColorScheme } from "@mantine/core";
import { Spotlight, spotlight, type SpotlightActionData } from "@mantine/spotlight";
import "@mantine/spotlight/styles.css";
import { useEffect, useState } from "react";
import { PRESETS, carried, withFilter, withRange } from "../url.ts";
import { NAV } from "./nav.ts";
import { usePlace } from "./place.ts";

const MOST = 12;
const CALL_ID = /^[0-9a-f]{32}-[0-9a-f]{16}$/;
const TRACE_ID = /^[0-9a-f]{32}$/;
const FILTER = /^([a-z_]+|tag\.[^=]+)=(.+)$/;

interface PaletteProps {
  /** Somebody waits for it. */
  called: boolean;
  /** From now on it hears the keys itself. */
  ready: (isReady: boolean) => void;
}

export function Palette({ called, ready }: PaletteProps) {
  const { search, change, go } = usePlace();
  const { setColorScheme } = useMantineColorScheme();
  const [typed, setTyped] = useState("");
  const text = typed.trim();
  const own: SpotlightActionData[] = [];
  if (CALL_ID.test(text))
    own.push({
      id: "call",
      label: `Open request ${text}`,
      onClick: () => go("/requests", { ...carried(search), peek: text }),
    });
  if (TRACE_ID.test(text)) own.push({ id: "trace", label: `Open trace ${text}`, onClick: () => go(`/traces/${text}`) });
  const filter = FILTER.exec(text);
  if (filter)
    own.push({
      id: "filter",
      label: `Filter by ${filter[1]} = ${filter[2]}`,
      onClick: () => change((now) => withFilter(now, filter[1] ?? "", filter[2] ?? "")),
    });
  const pages = NAV.flatMap((part) => part.entries).map((entry) => ({
    id: entry.path,
    label: entry.title,
    description: `g ${entry.key}`,
    onClick: () => go(entry.path, carried(search)),
  }));
  const ranges = PRESETS.map(([from, name]) => ({
    id: from,
    label: name,
    description: "Range",
    onClick: () => change((now) => withRange(now, from, "now")),
  }));
  const rest: SpotlightActionData[] = [
    { id: "setup", label: "Setup", description: "Connect an application", onClick: () => go("/setup") },
    { id: "settings", label: "Settings", onClick: () => go("/settings") },
    { id: "light", label: "Light theme", onClick: () => setColorScheme("light") },
    { id: "dark", label: "Dark theme", onClick: () => setColorScheme("dark") },
  ];
  const all = [...own, ...pages, ...ranges, ...rest];
  useEffect(() => {
    ready(true);
    if (called) spotlight.open();
    // Once: what comes later it hears itself.
  }, []);
  return (
    <Spotlight
      actions={all}
      query={typed}
      onQueryChange={setTyped}
      filter={(query, actions) => {
        const wanted = query.trim().toLowerCase();
        return (actions as SpotlightActionData[]).filter(
          (one) => own.some((mine) => mine.id === one.id) || (one.label ?? "").toLowerCase().includes(wanted),
        );
      }}
      limit={MOST}
      shortcut="mod + K"
      nothingFound="Nothing by that name. Paste an id, or write model=gpt-4o."
      searchProps={{ placeholder: "Page, id, range, or model=gpt-4o", "aria-label": "Command" }}
    />
  );
}
