/** One incident: what, since when, because of what, the calls themselves, what was done about it, and what can be. */
import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { usePlace } from "../../app/place.ts";
import { Page } from "../../app/Shell.tsx";
import { ago, count, moment } from "../../format.ts";
import { Failure } from "../../ui/Panel.tsx";
import { Tile } from "../../ui/Tile.tsx";
import { type Search, zoneOf } from "../../url.ts";
import "../budgets/budgets.css";
import "../pricing/pricing.css";
import { Acts } from "./Acts.tsx";
import "./alerts.css";
import { CourseChart } from "./CourseChart.tsx";
import { Deliveries } from "./Deliveries.tsx";
import { Drivers } from "./Drivers.tsx";
import { FirstCalls } from "./FirstCalls.tsx";
import { History } from "./History.tsx";
import { Severe } from "./Incidents.tsx";
import { foundBy, incident, type IncidentDetail } from "./questions.ts";
import { against, amount, exactly, groupName, KINDS, lasted, quiet } from "./words.ts";

export function Incident() {
  const { id } = useParams({ strict: false }) as { id: string };
  const answer = useQuery(incident(id));
  const of = answer.data;
  return (
    <Page title={of ? `${of.rule_name}: ${groupName(of.group)}` : "Incident"}>
      <p className="crumbs">
        <Link to={"/alerts" as never}>← All incidents</Link>
      </p>
      {of ? <Detail key={of.id} of={of} /> : answer.error && <Failure error={answer.error} />}
    </Page>
  );
}

function Detail({ of }: { of: IncidentDetail }) {
  const source = useQuery(foundBy(of));
  // A rule may have been deleted since: its filters are not known any more, its group still is.
  const known = source.data !== undefined || source.error !== null;
  const filters = (source.data?.filters ?? {}) as Search;
  return (
    <>
      <p className="cause">{of.verdict.why}</p>
      <Tiles of={of} />
      <Acts of={of} />
      {known && <CourseChart of={of} rule={source.data?.rule} filters={filters} />}
      <div className="grid halves">
        <Drivers of={of} filters={filters} />
        {known && <FirstCalls of={of} filters={filters} />}
        <History of={of} />
        <Deliveries incident={of.id} />
      </div>
    </>
  );
}

function Tiles({ of }: { of: IncidentDetail }) {
  const { search } = usePlace();
  const zone = zoneOf(search);
  const now = Date.now();
  const { unit } = of.verdict;
  const left = [
    of.verdict.unpriced_calls && `${count(of.verdict.unpriced_calls)} calls without a price`,
    of.verdict.unknown_usage_calls && `${count(of.verdict.unknown_usage_calls)} of unknown usage`,
  ].filter(Boolean);
  return (
    <div className="grid tiles">
      <Tile
        title={of.status === "recovered" ? "When it was over" : "Now"}
        value={amount(of.verdict.actual, unit)}
        exact={`${exactly(of.verdict.actual, unit)}${left.length ? `; without ${left.join(" and ")}` : ""}`}
        sub={against(of.verdict)}
      />
      <Tile
        title="At most"
        value={amount(of.peak, unit)}
        exact={exactly(of.peak, unit)}
        sub={<>found by {kindOf(of)}</>}
      />
      <Tile
        title="Since"
        value={moment(of.since, zone, false)}
        exact={`${of.since}; opened ${of.opened_at}`}
        sub={`${lasted(of, now)}, ${of.recovered_at ? `over since ${moment(of.recovered_at, zone, false)}` : "and goes on"}`}
      />
      <Tile
        title="State"
        value={of.status}
        exact={`Told ${of.notices} times`}
        sub={
          <>
            <Severe of={of} />
            {of.escalated && ", escalated"}
            {of.acknowledged_by && of.acknowledged_at && `, ${of.acknowledged_by} ${ago(of.acknowledged_at, now)}`}
            {quiet(of, now) && `, ${quiet(of, now)}`}
          </>
        }
      />
    </div>
  );
}

function kindOf(of: IncidentDetail) {
  const kind = (KINDS as Record<string, string>)[of.kind] ?? of.kind;
  const to = of.rule_id ? `/alerts/rules/${of.rule_id}` : `/budgets/${of.budget_id ?? ""}`;
  return (
    <>
      <Link to={to as never}>{of.rule_name}</Link>, {kind.toLowerCase()}
    </>
  );
}
