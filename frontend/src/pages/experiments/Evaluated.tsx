/** What judges a part of the traffic as it comes: how much it judged, what it found and what that cost; on or off, and tried at a press. */
import { Button, Switch } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense, useState } from "react";
import { asCurl, type Schemas, send } from "../../api/client.ts";
import { question } from "../../api/questions.ts";
import { lasting } from "../../app/lasting.ts";
import { cellMoney, count, exactMoney, percent } from "../../format.ts";
import { RowButton } from "../../ui/RowButton.tsx";
import { useDoing } from "../../ui/doing.ts";
import { Failure, Panel } from "../../ui/Panel.tsx";
import { Actions, Table } from "../../ui/Table.tsx";
import { scopeOf } from "../budgets/Spent.tsx";
import { EVALUATIONS, TRIED } from "./questions.ts";
import { Tried } from "./Tried.tsx";

type Evaluation = Schemas["EvaluationShown"];

// A dialog and its fields: only for who makes one.
const EvaluationForm = lazy(
  lasting(() => import("./EvaluationForm.tsx").then((loaded) => ({ default: loaded.EvaluationForm }))),
);

const COLUMNS = [
  "On",
  "Score",
  "Judged by",
  "Of",
  ">Sample",
  ">Judged",
  ">Mean",
  ">No content",
  ">Failed",
  ">Cost",
  "",
];

export function Evaluated() {
  const answer = useQuery(question<Schemas["EvaluationList"]>(EVALUATIONS, { from: "now-7d" }));
  const [adding, setAdding] = useState(false);
  return (
    <Panel
      title="Judged as it comes"
      finding="the last 7 days"
      query={answer}
      height={120}
      curl={asCurl(EVALUATIONS)}
      actions={
        <>
          <Button size="xs" variant="default" onClick={() => setAdding(true)}>
            Judge…
          </Button>
          {adding && (
            <Suspense>
              <EvaluationForm close={() => setAdding(false)} />
            </Suspense>
          )}
        </>
      }
    >
      {(data) =>
        data.data.length ? (
          <List all={data.data} />
        ) : (
          <p className="empty">
            Nothing yet. A share of what your models answer can be judged as it comes, by a rule or by another model:
            the score stands beside what the call cost.
          </p>
        )
      }
    </Panel>
  );
}

function List({ all }: { all: readonly Evaluation[] }) {
  const doing = useDoing();
  const [tried, setTried] = useState<{ name: string; found: Schemas["Tried"] }>();
  const tryOut = (one: Evaluation) =>
    doing.run(async () => {
      const found = await send<Schemas["Tried"]>("POST", `${EVALUATIONS}/${one.id}/try`, {}, { last: TRIED });
      setTried({ name: one.name, found });
    });
  const notes = all.filter((one) => one.standing.note);
  return (
    <>
      {doing.error && <Failure error={doing.error} />}
      <Table label="Judged as it comes" columns={COLUMNS}>
        {all.map((one) => (
          <tr key={one.id} className={one.state === "active" ? "" : "muted"}>
            <td>
              <Switch
                aria-label={`${one.name} is on`}
                checked={one.state === "active"}
                disabled={doing.busy}
                onChange={(event) => {
                  const state = event.currentTarget.checked ? "active" : "paused";
                  doing.run(() => send("PATCH", `${EVALUATIONS}/${one.id}`, {}, { state }));
                }}
              />
            </td>
            <td>
              {one.name} <small className="muted">v{one.version}</small>
            </td>
            <td>{String(one.evaluator.kind)}</td>
            <td>{scopeOf(one.filters)}</td>
            <td className="r">{percent(Number(one.sample))}</td>
            <td className="r">{count(one.standing.judged)}</td>
            <td className="r">{found(one)}</td>
            <td className="r">{count(one.standing.no_content)}</td>
            <td className="r">{count(one.standing.failed)}</td>
            <td className="r" title={one.standing.judge_calls === null ? "" : exactMoney(one.standing.judge_cost_usd)}>
              {one.standing.judge_calls === null ? "—" : cellMoney(one.standing.judge_cost_usd)}
            </td>
            <td>
              <Actions of={one.name} doing={doing} remove={() => send("DELETE", `${EVALUATIONS}/${one.id}`)}>
                <RowButton disabled={doing.busy} onClick={() => tryOut(one)}>
                  Try
                </RowButton>
              </Actions>
            </td>
          </tr>
        ))}
      </Table>
      {notes.map((one) => (
        <p className="muted" key={one.id}>
          {one.name}: {one.standing.note}
        </p>
      ))}
      {tried && <Tried {...tried} />}
    </>
  );
}

function found({ standing: { mean, labels } }: Evaluation): string {
  if (mean !== null) return mean.toFixed(3);
  const told = Object.entries(labels).map(([label, calls]) => `${label} ${count(calls)}`);
  return told.length ? told.join(", ") : "—";
}
