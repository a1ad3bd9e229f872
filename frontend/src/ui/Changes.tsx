/** The address of an audit in; who changed what, when, from what to what, the latest first, out. */
import { useQuery } from "@tanstack/react-query";
import { asCurl, type Schemas } from "../api/client.ts";
import { question } from "../api/questions.ts";
import { moment } from "../format.ts";
import { zoneOf } from "../url.ts";
import { changedFields } from "./changes.ts";
import { Panel } from "./Panel.tsx";
import { Table } from "./Table.tsx";

const ASKED = { limit: "30" };

export function Changes({ path }: { path: string }) {
  const answer = useQuery(question<Schemas["ChangeList"]>(path, ASKED));
  const zone = zoneOf({});
  return (
    <Panel title="Changes" query={answer} height={80} curl={asCurl(path, ASKED)}>
      {(data) =>
        data.data.length ? (
          <Table label="Changes" columns={["Time", "Who", "What", "Of", "Details"]}>
            {data.data.map((one, at) => (
              <tr key={`${one.at} ${at}`}>
                <td className="num">
                  <time dateTime={one.at}>{moment(one.at, zone)}</time>
                </td>
                <td>{one.actor}</td>
                <td>{one.action}</td>
                <td className="mono">{one.subject}</td>
                <td className="muted">{changedFields(one.before, one.after) || "—"}</td>
              </tr>
            ))}
          </Table>
        ) : (
          <p className="muted">Nobody has changed any.</p>
        )
      }
    </Panel>
  );
}
