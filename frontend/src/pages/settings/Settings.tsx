/** Settings, a part per address: projects, keys, how taking in goes, what was refused, how the UI looks. */
import { Tabs } from "@mantine/core";
import { useParams } from "@tanstack/react-router";
import { usePlace } from "../../app/place.ts";
import { Page } from "../../app/Shell.tsx";
import { Allowance } from "./Allowance.tsx";
import { Environments } from "./Environments.tsx";
import { Ingest } from "./Ingest.tsx";
import { Keys } from "./Keys.tsx";
import { Looks } from "./Looks.tsx";
import { Projects } from "./Projects.tsx";
import { Quarantine } from "./Quarantine.tsx";
import "../pricing/pricing.css";

const PARTS = [
  ["general", "General", Looks],
  ["projects", "Projects", Projects],
  ["keys", "Keys", Keys],
  ["environments", "Environments", Environments],
  ["allowance", "Allowance", Allowance],
  ["ingest", "Ingest health", Ingest],
  ["quarantine", "Quarantine", Quarantine],
] as const;

export function Settings() {
  const { part = "general" } = useParams({ strict: false }) as { part?: string };
  const { go } = usePlace();
  return (
    <Page title="Settings">
      <Tabs miw={0} value={part} onChange={(name) => go(`/settings/${name}`)} keepMounted={false}>
        <Tabs.List mb="sm">
          {PARTS.map(([name, title]) => (
            <Tabs.Tab key={name} value={name}>
              {title}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        {PARTS.map(([name, , Part]) => (
          <Tabs.Panel key={name} value={name}>
            <Part />
          </Tabs.Panel>
        ))}
      </Tabs>
    </Page>
  );
}
