/** The ten latest calls, as they come in. */
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { usePlace } from "../../app/place.ts";
import { cellMoney, count, duration, exactMoney, moment } from "../../format.ts";
import { Panel } from "../../ui/Panel.tsx";
import { carried, zoneOf } from "../../url.ts";
import { latest } from "./questions.ts";

export function Latest() {
  const { search } = usePlace();
  const answer = useQuery(latest(search));
  const zone = zoneOf(search);
  return (
    <Panel
      title="Latest requests"
      query={answer}
      height={360}
      actions={
        <Link to={"/requests" as never} search={carried(search) as never}>
          All requests
        </Link>
      }
    >
      {(data) => (
        <div style={{ overflowX: "auto" }} tabIndex={0} role="region" aria-label="Latest requests, table">
          <table className="plain">
            <thead>
              <tr>
                <th scope="col">Time</th>
                <th scope="col">Status</th>
                <th scope="col">Model</th>
                <th scope="col">Feature</th>
                <th scope="col">User</th>
                <th scope="col" className="r">
                  Input
                </th>
                <th scope="col" className="r">
                  Output
                </th>
                <th scope="col" className="r">
                  Cost
                </th>
                <th scope="col" className="r">
                  Latency
                </th>
              </tr>
            </thead>
            <tbody>
              {data.data.map((call) => (
                <tr key={call.id}>
                  <td className="num">
                    <Link to={"/requests" as never} search={{ ...carried(search), peek: call.id } as never}>
                      <time dateTime={call.start_time}>{moment(call.start_time, zone)}</time>
                    </Link>
                  </td>
                  <td>
                    {call.status === "ok" ? (
                      "ok"
                    ) : (
                      <span style={{ color: "var(--error)" }}>{call.error_type ?? "error"}</span>
                    )}
                  </td>
                  <td>{call.response_model ?? call.request_model ?? "—"}</td>
                  <td>{call.feature ?? "—"}</td>
                  <td>{call.user_id ?? "—"}</td>
                  <td className="r">{count(call.input_tokens)}</td>
                  <td className="r">{count(call.output_tokens)}</td>
                  <td className="r" title={`${exactMoney(call.cost_usd)} (${call.cost_status})`}>
                    {call.cost_usd === null ? `— ${call.cost_status}` : cellMoney(call.cost_usd)}
                  </td>
                  <td className="r">{duration(call.latency_ms)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Panel>
  );
}
