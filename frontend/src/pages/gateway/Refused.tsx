/** The model calls that were refused before a provider was asked: how many for which reason, and the latest of them. */
import { useQuery } from "@tanstack/react-query";
import { asCurl, type Schemas } from "../../api/client.ts";
import { usePlace } from "../../app/place.ts";
import { count, moment, shortId } from "../../format.ts";
import { Panel } from "../../ui/Panel.tsx";
import { zoneOf } from "../../url.ts";
import { REFUSED, refusedList } from "./questions.ts";
import { Table } from "../../ui/Table.tsx";
import { reasonInWords } from "./words.ts";

export function Refused() {
  const answer = useQuery(refusedList());
  const zone = zoneOf(usePlace().search);
  return (
    <Panel
      title="Refused calls"
      finding="before a provider was asked: they cost nothing, and are in no total"
      query={answer}
      height={120}
      curl={asCurl(REFUSED)}
    >
      {(data) =>
        data.data.length ? (
          <>
            <p className="counts">
              {data.counts.map((one) => (
                <span key={one.code} className="badge">
                  {count(one.requests)} {reasonInWords(one.code)}
                </span>
              ))}
              <span className="muted">since {moment(data.since, zone)}</span>
            </p>
            <Latest rows={data.data} zone={zone} />
          </>
        ) : (
          <p className="empty">None since the server started, {moment(data.since, zone)}.</p>
        )
      }
    </Panel>
  );
}

function Latest({ rows, zone }: { rows: readonly Schemas["RefusedCall"][]; zone: string }) {
  return (
    <Table label="Refused calls" columns={["Time", "Model", ">Status", "Why", "Key", "Request"]}>
      {rows.map((one) => (
        <tr key={one.request_id}>
          <td className="num">{moment(one.time, zone)}</td>
          <td className="num">{one.model || "—"}</td>
          <td className="r">{one.status}</td>
          <td>{one.message}</td>
          <td className="mono">
            {one.key_id}
            {one.environment && <span className="badge">{one.environment}</span>}
          </td>
          <td className="mono" title={one.request_id}>
            {shortId(one.request_id)}
          </td>
        </tr>
      ))}
    </Table>
  );
}
