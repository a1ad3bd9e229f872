/** What judges a part of the traffic as it comes: how much it judged, what it found and what that cost; on or off, and tried at a press. */
import { Button, Switch } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { asCurl, type Schemas, send } from "../../api/client.ts";
import { question } from "../../api/questions.ts";
import { cellMoney, count, exactMoney, percent } from "../../format.ts";
import { useDoing } from "../../ui/doing.ts";
import { Failure, Panel } from "../../ui/Panel.tsx";
import { Actions, Table } from "../../ui/Table.tsx";
import { scopeOf } from "../budgets/Spent.tsx";

type Evaluation = Schemas["EvaluationShown"];
type Tried = Schemas["Tried"];

const PATH = "/api/v1/evaluations";
const TRIED = 5;
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

/** Nothing, as long as there is none. */
export function Evaluated() {
  const answer = useQuery(question<Schemas["EvaluationList"]>(PATH, { from: "now-7d" }));
  if (!answer.data?.data.length) return null;
  return (
    <Panel title="Judged as it comes" finding="the last 7 days" query={answer} height={120} curl={asCurl(PATH)}>
      {(data) => <List all={data.data} />}
    </Panel>
  );
}

function List({ all }: { all: readonly Evaluation[] }) {
  const doing = useDoing();
  const [tried, setTried] = useState<{ name: string; found: Tried }>();
  const tryOut = (one: Evaluation) =>
    doing.run(async () => {
      const found = await send<Tried>("POST", `${PATH}/${one.id}/try`, {}, { last: TRIED });
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
                  doing.run(() => send("PATCH", `${PATH}/${one.id}`, {}, { state }));
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
              <Actions of={one.name} doing={doing} remove={() => send("DELETE", `${PATH}/${one.id}`)}>
                <Button size="compact-xs" mih={24} variant="subtle" disabled={doing.busy} onClick={() => tryOut(one)}>
                  Try
                </Button>
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
      {tried && <Said {...tried} />}
    </>
  );
}

function Said({ name, found: { data } }: { name: string; found: Tried }) {
  if (!data.length) return <p className="muted">No call of the last 30 days passes the filters of {name}.</p>;
  return (
    <>
      <p className="muted">
        What {name} says of the latest {count(data.length)}; nothing of it is kept.
      </p>
      <Table label={`What ${name} says`} columns={["Call", "Score", "Why", "Answer"]}>
        {data.map((one) => (
          <tr key={one.call_id}>
            <td>
              <Link to={`/requests/${one.call_id}` as never} className="go">
                {one.call_id.slice(-8)}
              </Link>
            </td>
            <td>{one.label ?? one.value ?? "—"}</td>
            <td>{one.explanation ?? one.reason}</td>
            <td className="muted told">{one.output ?? "—"}</td>
          </tr>
        ))}
      </Table>
    </>
  );
}

function found({ standing: { mean, labels } }: Evaluation): string {
  if (mean !== null) return mean.toFixed(3);
  const told = Object.entries(labels).map(([label, calls]) => `${label} ${count(calls)}`);
  return told.length ? told.join(", ") : "—";
}
