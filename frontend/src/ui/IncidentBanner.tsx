/** Incidents in; on pages whose calls they are about, which critical ones nobody looks after yet, out. */
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { usePlace } from "../app/place.ts";
import "./banner.css";
import { RowButton } from "./RowButton.tsx";
import { concerns } from "./concerned.ts";
import { openIncidents } from "./incidents.ts";

const SHOWN = 2;

export function IncidentBanner() {
  const { path, search } = usePlace();
  const [seen, setSeen] = useState<readonly string[]>([]);
  const answer = useQuery(openIncidents());
  if (path.startsWith("/alerts") || path.startsWith("/settings")) return null;
  const now = Date.now();
  const found = (answer.data?.data ?? []).filter(
    (one) =>
      one.severity === "critical" &&
      one.status === "open" &&
      // Budgets have a banner of their own.
      !one.budget_id &&
      !one.expected_at &&
      !(one.snoozed_until && Date.parse(one.snoozed_until) > now) &&
      !seen.includes(one.id) &&
      concerns(one, search),
  );
  if (!found.length) return null;
  return (
    <aside className="notice error banner" role="status" aria-label="Incidents">
      <span>
        {found.slice(0, SHOWN).map((one) => (
          <span key={one.id} style={{ marginRight: 12 }}>
            ■ <Link to={`/alerts/incidents/${one.id}` as never}>{one.rule_name}</Link>: {one.verdict.why}
          </span>
        ))}
        {found.length > SHOWN && <Link to={"/alerts" as never}>and {found.length - SHOWN} more</Link>}
      </span>
      <RowButton
        variant="default"
        style={{ flex: "none" }}
        onClick={() => setSeen([...seen, ...found.map((one) => one.id)])}
      >
        Seen
      </RowButton>
    </aside>
  );
}
