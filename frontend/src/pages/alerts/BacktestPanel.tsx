/** A rule's draft in; on which of the last 30 days it would have fired, out: a chart with marks, and what each was. */
import { Button, Skeleton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { send } from "../../api/client.ts";
import { spend } from "../../api/questions.ts";
import { usePlace } from "../../app/place.ts";
import { OverTime } from "../../charts/OverTime.tsx";
import { count, moment } from "../../format.ts";
import { Failure } from "../../ui/Panel.tsx";
import { zoneOf } from "../../url.ts";
import { filtersOf } from "../budgets/rows.ts";
import { Table } from "../../ui/Table.tsx";
import { stepsOf, toldOver } from "./backtest.ts";
import { type Draft, wanted } from "./draft.ts";
import { type Backtest, RULES } from "./questions.ts";
import { amount, groupName, lasted } from "./words.ts";

const SINCE = "30d";
const SHOWN = 20;

export function BacktestPanel({ of, isWrong }: { of: Draft; isWrong: boolean }) {
  const [found, setFound] = useState<{ told: Backtest; rule: string } | null>(null);
  const [error, setError] = useState<Error | null>(null);
  const [busy, setBusy] = useState(false);
  const rule = { ...wanted(of), name: of.name.trim() || "tried" };
  const now = JSON.stringify(rule);
  const run = () => {
    setBusy(true);
    setError(null);
    send<Backtest>("POST", `${RULES}/backtest`, {}, { rule, since: SINCE })
      .then((told) => setFound({ told, rule: now }))
      .catch((failed: unknown) => setError(failed as Error))
      .finally(() => setBusy(false));
  };
  return (
    <section className="panel" aria-label="Back-test" aria-busy={busy}>
      <header>
        <h2>
          Back-test{" "}
          <span className="finding">
            {found ? finding(found.told) : "what the rule would have fired on in the last 30 days"}
            {found && found.rule !== now && "; the rule was changed since"}
          </span>
        </h2>
        <Button size="compact-sm" mih={26} variant="default" disabled={isWrong} loading={busy} onClick={run}>
          Try it on the last 30 days
        </Button>
      </header>
      {error && <Failure error={error} retry={run} />}
      {busy && !found ? <Skeleton height={220} /> : found && <Found told={found.told} of={of} />}
    </section>
  );
}

function finding(of: Backtest): string {
  const incidents = of.incidents.length;
  return incidents
    ? `${count(incidents)} ${incidents === 1 ? "incident" : "incidents"}, people told ${count(of.told.length)} times`
    : "it would not have fired";
}

function Found({ told, of }: { told: Backtest; of: Draft }) {
  const { search } = usePlace();
  const zone = zoneOf(search);
  const answer = useQuery(
    spend({ ...filtersOf(of.rows), from: told.from, to: told.to, tz: "UTC", granularity: "day" }),
  );
  const over = answer.data && toldOver(answer.data, of.kind);
  return (
    <>
      {over && (
        <OverTime
          title="The last 30 days"
          over={over.over}
          unit={over.unit}
          kind="stacked"
          dimension="measure"
          group="backtest"
          marks={stepsOf(told, over.over.times)}
          legend={<span>◆ would have fired</span>}
        />
      )}
      {told.incidents.length > 0 && (
        <Table label="What would have fired" columns={["Since", "Lasted", "Of", ">At most", "Why"]}>
          {told.incidents.slice(0, SHOWN).map((one) => (
            <tr key={one.id}>
              <td className="num">
                <time dateTime={one.since}>{moment(one.since, zone, false)}</time>
              </td>
              <td className="num">{lasted(one, Date.parse(told.to))}</td>
              <td>{groupName(one.group)}</td>
              <td className="r">{amount(one.peak, one.verdict.unit)}</td>
              <td>{told.told.find((row) => row.incident_id === one.id)?.why ?? one.verdict.why}</td>
            </tr>
          ))}
        </Table>
      )}
      {told.incidents.length > SHOWN && (
        <p className="muted">and {count(told.incidents.length - SHOWN)} more: so often nobody listens.</p>
      )}
    </>
  );
}
