/** Alerts, a part per address: what happened, what is looked for, and who is told. */
import { useParams } from "@tanstack/react-router";
import { Page } from "../../app/Shell.tsx";
import { Parts } from "../../ui/Parts.tsx";
import "../budgets/budgets.css";
import "../pricing/pricing.css";
import "./alerts.css";
import { Channels } from "./Channels.tsx";
import { Incidents } from "./Incidents.tsx";
import { Rules } from "./Rules.tsx";

const PARTS = [
  ["incidents", "Incidents", Incidents],
  ["rules", "Rules", Rules],
  ["channels", "Channels", Channels],
] as const;

export function Alerts() {
  const { part } = useParams({ strict: false }) as { part?: string };
  return (
    <Page title="Alerts">
      <Parts under="/alerts" parts={PARTS} chosen={part ?? "incidents"} />
    </Page>
  );
}
