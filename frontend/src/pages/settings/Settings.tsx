/** Settings, a part per address: projects, keys, how long what is kept, how taking in goes, what was refused, how the UI looks. */
import { useParams } from "@tanstack/react-router";
import { Parts } from "../../ui/Parts.tsx";
import { Page } from "../../app/Shell.tsx";
import { Allowance } from "./Allowance.tsx";
import { Environments } from "./Environments.tsx";
import { Ingest } from "./Ingest.tsx";
import { Keys } from "./Keys.tsx";
import { Looks } from "./Looks.tsx";
import { Projects } from "./Projects.tsx";
import { Quarantine } from "./Quarantine.tsx";
import { Retention } from "./Retention.tsx";
import "../pricing/pricing.css";

const PARTS = [
  ["general", "General", Looks],
  ["projects", "Projects", Projects],
  ["keys", "Keys", Keys],
  ["retention", "Retention", Retention],
  ["environments", "Environments", Environments],
  ["allowance", "Allowance", Allowance],
  ["ingest", "Ingest health", Ingest],
  ["quarantine", "Quarantine", Quarantine],
] as const;

export function Settings() {
  const { part = "general" } = useParams({ strict: false }) as { part?: string };
  return (
    <Page title="Settings">
      <Parts under="/settings" parts={PARTS} chosen={part} />
    </Page>
  );
}
