/** Prices: what has none, all that are known, one's own, pricing the past again, and why a call costs what it costs. */
import { Tabs } from "@mantine/core";
import { useState } from "react";
import { usePlace } from "../../app/place.ts";
import { Page } from "../../app/Shell.tsx";
import { first } from "../../url.ts";
import { Explain } from "./Explain.tsx";
import { Models } from "./Models.tsx";
import { OverrideForm, type Wanted } from "./OverrideForm.tsx";
import { Overrides } from "./Overrides.tsx";
import { Repricing } from "./Repricing.tsx";
import { Unpriced } from "./Unpriced.tsx";
import "./pricing.css";

const VIEWS = [
  ["models", "All models"],
  ["own", "Your own prices"],
  ["reprice", "Price the past again"],
  ["explain", "Explain a cost"],
] as const;

export function Pricing() {
  const { search, change } = usePlace();
  const [wanted, setWanted] = useState<Wanted | null>(null);
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
      <Tabs miw={0} value={view} onChange={(name) => name && show(name)} keepMounted={false}>
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
