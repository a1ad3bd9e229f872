/** How taking in goes on the whole server: what waits, was kept, refused, and the room it takes. */
import { useQuery } from "@tanstack/react-query";
import { asCurl } from "../../api/client.ts";
import { count, duration, percent, shortCount } from "../../format.ts";
import { Failure, Panel } from "../../ui/Panel.tsx";
import { PlainTable } from "../../ui/PlainTable.tsx";
import { Tile } from "../../ui/Tile.tsx";
import { health } from "./questions.ts";

const UNITS = ["B", "KiB", "MiB", "GiB", "TiB"];

export function size(bytes: number | null): string {
  if (bytes === null) return "—";
  const power = bytes < 1 ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log2(bytes) / 10));
  return `${(bytes / 1024 ** power).toFixed(power ? 1 : 0)} ${UNITS[power]}`;
}

export function Ingest() {
  const answer = useQuery(health());
  const of = answer.data;
  if (!of) return answer.error ? <Failure error={answer.error} /> : <p className="muted">Asking…</p>;
  const refused = of.refused.reduce((sum, one) => sum + one.count, 0);
  return (
    <div className="stack">
      <div className="grid tiles">
        <Tile
          title="Waiting"
          value={shortCount(of.pending_spans)}
          exact={`${count(of.pending_spans)} spans; with more than ${count(of.most_pending_spans)} senders are told to come again`}
          sub={`${percent(of.pending_spans / of.most_pending_spans)} of the queue`}
        />
        <Tile
          title="Kept since the start"
          value={shortCount(of.spans_kept)}
          exact={`${count(of.spans_kept)} spans in ${count(of.commits)} commits`}
          sub={of.commit_ms === null ? "nothing yet" : `${duration(of.commit_ms)} a commit`}
        />
        <Tile
          title="Settled since the start"
          value={shortCount(of.rows_settled)}
          exact={`${count(of.rows_settled)} rows of calls; ${count(of.settle_failures)} attempts failed and were repeated`}
          sub={
            of.settle_ms === null
              ? "nothing yet"
              : `${duration(of.settle_ms)} a commit · ${count(of.settle_failures)} failures`
          }
        />
        <Tile
          title="Refused since the start"
          value={shortCount(refused)}
          exact={of.refused.map((one) => `${one.what} ${one.reason}: ${count(one.count)}`).join("; ") || "nothing"}
          sub={refused ? "see below, and Quarantine" : "nothing"}
        />
        <Tile
          title="Store"
          value={size(of.bytes)}
          exact={`${count(of.bytes)} bytes`}
          sub={`${size(of.free_bytes)} free`}
        />
      </div>
      <Panel title="Refused, by reason" query={answer} height={80} curl={asCurl("/api/v1/ingest/health")}>
        {(data) =>
          data.refused.length ? (
            <PlainTable label="Refused">
              <tbody>
                {data.refused.map((one) => (
                  <tr key={`${one.what} ${one.reason}`}>
                    <td>{one.what}</td>
                    <td>{one.reason}</td>
                    <td className="r">{count(one.count)}</td>
                  </tr>
                ))}
              </tbody>
            </PlainTable>
          ) : (
            <p className="muted">Nothing was refused since the start.</p>
          )
        }
      </Panel>
      <Panel title="Room, by table" query={answer} height={120}>
        {(data) => (
          <PlainTable label="Room">
            <thead>
              <tr>
                <th scope="col">Table</th>
                <th scope="col" className="r">
                  Rows
                </th>
                <th scope="col" className="r">
                  Size
                </th>
              </tr>
            </thead>
            <tbody>
              {data.tables.map((one) => (
                <tr key={one.table}>
                  <td className="mono">{one.table}</td>
                  <td className="r">{count(one.rows)}</td>
                  <td className="r">{size(one.bytes)}</td>
                </tr>
              ))}
            </tbody>
          </PlainTable>
        )}
      </Panel>
    </div>
  );
}
