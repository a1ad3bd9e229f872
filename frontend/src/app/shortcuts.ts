/** Keys in; what they do, out. One list, which the help shows too. Single letters are off while typing. */
import { useMantineColorScheme } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { inSequence } from "../ui/sequence.ts";
import { carried, withoutFilters, withRange } from "../url.ts";
import { NAV } from "./nav.ts";
import { usePlace } from "./place.ts";
import { beforeZoom } from "./zoom.ts";

type Keys = readonly (readonly [key: string, does: string])[];

const EVERYWHERE: Keys = [
  ["?", "This help"],
  ["Ctrl K", "Command palette"],
  ["/", "To the filters"],
  ["f", "Add a filter"],
  ["x", "Clear filters"],
  ["t", "Time range"],
  ["c", "Comparison on or off"],
  ["l", "Live on or off"],
  ["d", "Theme"],
  ["r", "Refresh"],
  ["[", "Sidebar"],
  ["Esc", "Back from a zoomed range"],
  ...NAV.flatMap((part) => part.entries.map((entry) => [`g ${entry.key}`, entry.title] as const)),
];

const LISTS: Keys = [
  ["j k ↓ ↑", "Next and previous row"],
  ["← →", "Next and previous cell"],
  ["Enter", "Open the row"],
  ["Space", "Look at it beside the list"],
  ["m", "Mark it, where several can be taken along"],
  ["o", "Open its trace"],
  ["⇧F", "Filter by the cell"],
  ["y", "Copy the id"],
  ["Ctrl C", "Copy the row as JSON"],
  ["Home End PgUp PgDn", "Far through the list"],
];

const TRACES: Keys = [
  ["↑ ↓", "Next and previous span"],
  ["← →", "Fold and unfold, to the parent and the first child"],
  ["*", "Unfold all"],
  ["e ⇧E", "Next and previous error"],
  ["m", "The dearest span"],
  ["v", "Tree, timeline or both"],
  ["p", "Critical path"],
];

const CHARTS: Keys = [
  ["← →", "Read the steps of a chart"],
  ["↑ ↓", "Read one series of it"],
  ["Enter", "The requests of the step"],
  ["Esc", "Leave it"],
  ["⇧T", "As a table"],
];

const COMPARISONS: Keys = [["n p", "Next and previous regression"]];

/** By where they hold. */
export const KEYS: readonly (readonly [where: string, keys: Keys])[] = [
  ["Everywhere", EVERYWHERE],
  ["In lists", LISTS],
  ["In a trace", TRACES],
  ["On a chart", CHARTS],
  ["In a comparison of runs", COMPARISONS],
];

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))
  );
}

function press(selector: string): void {
  document.querySelector<HTMLElement>(selector)?.click();
}

export function useShortcuts(own: { narrow: () => void; live: () => void; help: () => void }): void {
  const { search, change, go } = usePlace();
  const { toggleColorScheme } = useMantineColorScheme();
  const queries = useQueryClient();
  useEffect(() => {
    if (localStorage.getItem("farthing.keys") === "off") return;
    const actions: Record<string, () => void> = {
      "/": () => document.querySelector<HTMLElement>("[data-add-filter]")?.focus(),
      f: () => press("[data-add-filter]"),
      t: () => press("[data-range]"),
      x: () => change(withoutFilters),
      c: () => change(({ cmp, ...rest }) => (cmp ? rest : { ...rest, cmp: "prev" })),
      d: () => toggleColorScheme(),
      r: () => void queries.invalidateQueries({ refetchType: "active" }),
      l: own.live,
      "?": own.help,
      "[": own.narrow,
    };
    const unzoom = () => {
      const range = beforeZoom(search);
      if (range) change((now) => withRange(now, range.from, range.to));
    };
    const listen = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
      if (event.key === "Escape" && !document.querySelector("[role=dialog]")) return unzoom();
      if (inSequence(event)) {
        const entry = NAV.flatMap((part) => part.entries).find((one) => one.key === event.key);
        if (entry) go(entry.path, carried(search));
        return;
      }
      if (actions[event.key]) {
        event.preventDefault();
        actions[event.key]?.();
      }
    };
    window.addEventListener("keydown", listen);
    return () => window.removeEventListener("keydown", listen);
  });
}
