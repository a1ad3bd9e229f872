/** The ten latest calls, as they come in; or the ten dearest of the range. */
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { asCurl } from "../../api/client.ts";
import { calls } from "../../api/questions.ts";
import { usePlace } from "../../app/place.ts";
import { cellMoney, count, duration, exactMoney, moment } from "../../format.ts";
import { Panel } from "../../ui/Panel.tsx";
import { Segmented } from "../../ui/Segmented.tsx";
import { asked, carried, first, type Search, zoneOf } from "../../url.ts";
import { latest } from "./questions.ts";

export function Latest() {
  const { search, change } = usePlace();
  const dearest = first(search, "list") === "dearest";
  const sort: Search = dearest ? { sort: "-cost" } : {};
  const answer = useQuery(dearest ? calls({ ...asked(search), ...sort, limit: "10" }) : latest(search));
  const zone = zoneOf(search);
  return (
    <Panel
      title={dearest ? "Dearest requests" : "Latest requests"}
      query={answer}
      curl={asCurl("/api/v1/calls", { ...asked(search), ...sort, limit: "10" })}
      height={360}
      actions={
        <>
          <Segmented
            label="Which requests"
            data={[
              { value: "latest", label: "Latest" },
              { value: "dearest", label: "Dearest" },
            ]}
            value={dearest ? "dearest" : "latest"}
            onChange={(list) =>
              change(({ list: _, ...now }) => (list === "latest" ? now : { ...now, list }), { replace: true })
            }
          />
          <Link to={"/requests" as never} search={{ ...carried(search), ...sort } as never}>
            All requests
          </Link>
        </>
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
                  {[call.response_model ?? call.request_model, call.feature, call.user_id].map((name, at) => (
                    <td key={at} className="long" title={name ?? undefined}>
                      {name ?? "—"}
                    </td>
                  ))}
                  <td className="r" title={`${count(call.cached_input_tokens)} of them read from a cache`}>
                    {count(call.input_tokens)}
                  </td>
                  <td className="r" title={`${count(call.reasoning_tokens)} of them reasoning`}>
                    {count(call.output_tokens)}
                  </td>
                  <td className="r" title={`${exactMoney(call.cost_usd)} (${call.cost_status})`}>
                    {call.cost_usd === null
                      ? call.cost_status === "unpriced"
                        ? "— no price"
                        : `— ${call.cost_status}`
                      : cellMoney(call.cost_usd)}
                  </td>
                  <td className="r" title={`${count(call.latency_ms)} ms, first token after ${duration(call.ttft_ms)}`}>
                    {duration(call.latency_ms)}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Panel>
  );
}
