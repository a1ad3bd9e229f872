/** Prices: what has none, all that are known, one's own, pricing the past again, and why a call costs what it costs. */
import { Tabs } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { usePlace } from "../../app/place.ts";
import { Page } from "../../app/Shell.tsx";
import { first, type Search } from "../../url.ts";
import { Explain } from "./Explain.tsx";
import { Models } from "./Models.tsx";
import { OverrideForm, type Wanted } from "./OverrideForm.tsx";
import { Overrides } from "./Overrides.tsx";
import { Repricing } from "./Repricing.tsx";
import { unpriced } from "./questions.ts";
import { Unpriced } from "./Unpriced.tsx";
import "./pricing.css";

const VIEWS = [
  ["models", "All models"],
  ["own", "Your own prices"],
  ["reprice", "Price the past again"],
  ["explain", "Explain a cost"],
] as const;

/** So long at most is kept back what would jump. */
const LONGEST_MS = 3000;

/** Whether it is known how much stands above: until then, what is below is made, but not seen, so that nothing jumps. */
function usePlaced(search: Search): boolean {
  const { isPending } = useQuery(unpriced(search));
  const [late, setLate] = useState(false);
  useEffect(() => {
    const due = setTimeout(() => setLate(true), LONGEST_MS);
    return () => clearTimeout(due);
  }, []);
  return late || !isPending;
}

export function Pricing() {
  const { search, change } = usePlace();
  const [wanted, setWanted] = useState<Wanted | null>(null);
  const placed = usePlaced(search);
  const view = first(search, "view") ?? "models";
  const show = (name: string) => change((now) => ({ ...now, view: name }));
  const saved = (of: Wanted) => {
    setWanted(null);
    change((now) => ({
      ...now,
      view: "reprice",
      r_model: of.model ?? "",
      r_provider: of.provider ?? "",
      r_from: of.valid_from || "now-30d",
    }));
  };
  return (
    <Page title="Pricing">
      <Unpriced add={setWanted} />
      <Tabs
        miw={0}
        style={placed ? undefined : { visibility: "hidden" }}
        value={view}
        onChange={(name) => name && show(name)}
        keepMounted={false}
      >
        <Tabs.List mb="sm">
          {VIEWS.map(([name, title]) => (
            <Tabs.Tab key={name} value={name}>
              {title}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value="models">
          <Models add={setWanted} />
        </Tabs.Panel>
        <Tabs.Panel value="own">
          <Overrides add={setWanted} />
        </Tabs.Panel>
        <Tabs.Panel value="reprice">
          <Repricing />
        </Tabs.Panel>
        <Tabs.Panel value="explain">
          <Explain />
        </Tabs.Panel>
      </Tabs>
      {wanted && <OverrideForm of={wanted} close={() => setWanted(null)} saved={saved} />}
    </Page>
  );
}
