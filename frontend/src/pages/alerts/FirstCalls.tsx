/** An incident in; the first calls of its time that are of its kind, or its dearest one, with the way to each, out. */
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { asCurl } from "../../api/client.ts";
import { calls } from "../../api/questions.ts";
import { usePlace } from "../../app/place.ts";
import { moment } from "../../format.ts";
import { Panel } from "../../ui/Panel.tsx";
import { type Search, zoneOf } from "../../url.ts";
import { Table } from "../../ui/Table.tsx";
import { costHint, costText, modelName, outcome } from "../requests/columns.tsx";
import { callsOf } from "./course.ts";
import { rangeOf } from "./Drivers.tsx";
import type { Incident } from "./questions.ts";

const SHOWN = "6";

/** Which calls are its first bad ones, and in which order. */
const KINDS: Record<string, [title: string, search: Search]> = {
  error_rate: ["First failed requests", { status: "error", sort: "start_time" }],
  rate_limit: ["First refused requests", { sort: "start_time" }],
  unpriced: ["First requests without a price", { cost_status: "unpriced", sort: "start_time" }],
  unknown_usage: ["First requests of unknown usage", { cost_status: "unknown", sort: "start_time" }],
  latency: ["Slowest requests", { sort: "-latency" }],
  runaway: ["Longest requests", { sort: "-output_tokens" }],
  threshold: ["Dearest requests", { sort: "-cost" }],
  anomaly: ["Dearest requests", { sort: "-cost" }],
};
const FIRST: [string, Search] = ["First requests", { sort: "start_time" }];

export function FirstCalls({ of, filters }: { of: Incident; filters: Search }) {
  const { search } = usePlace();
  const zone = zoneOf(search);
  const [title, narrowed] = KINDS[of.kind] ?? FIRST;
  const wanted = { ...callsOf(of, filters), ...rangeOf(of), ...narrowed };
  const answer = useQuery(calls({ ...wanted, limit: SHOWN }));
  return (
    <Panel title={title} query={answer} height={200} curl={asCurl("/api/v1/calls", wanted)}>
      {(data) =>
        data.data.length ? (
          <Table label={title} columns={["Time", "Model", "Feature", "Status", ">Cost", "Trace"]}>
            {data.data.map((one) => (
              <tr key={one.id}>
                <td className="num">
                  <Link to={`/requests/${one.id}` as never} className="go">
                    <time dateTime={one.start_time}>{moment(one.start_time, zone)}</time>
                  </Link>
                </td>
                <td>{modelName(one)}</td>
                <td>{one.feature ?? <span className="muted">—</span>}</td>
                <td>{outcome(one)}</td>
                <td className="r" title={costHint(one)}>
                  {costText(one)}
                </td>
                <td>
                  <Link to={`/traces/${one.trace_id}` as never} search={{ span: one.span_id } as never} className="go">
                    trace
                  </Link>
                </td>
              </tr>
            ))}
          </Table>
        ) : (
          <p className="muted">No call of this time is one of them.</p>
        )
      }
    </Panel>
  );
}
