/** A channel or an incident, or neither, in; what was sent of it, through what, and how that went, out. */
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { asCurl } from "../../api/client.ts";
import { usePlace } from "../../app/place.ts";
import { count, moment } from "../../format.ts";
import { Panel } from "../../ui/Panel.tsx";
import { zoneOf } from "../../url.ts";
import { Table } from "../../ui/Table.tsx";
import { ALERTS, type Delivery, deliveries } from "./questions.ts";

const SHOWN = "50";
const WORDS: Record<Delivery["status"], string> = {
  pending: "… pending",
  sent: "✓ sent",
  failed: "✗ refused for good",
  given_up: "✗ given up",
};

export function Deliveries({ incident = "" }: { incident?: string }) {
  const { search } = usePlace();
  const zone = zoneOf(search);
  const asked = { limit: SHOWN, ...(incident ? { incident } : {}) };
  const answer = useQuery(deliveries(asked));
  return (
    <Panel
      title={incident ? "Who was told" : "What was sent"}
      query={answer}
      height={160}
      curl={asCurl(`${ALERTS}/deliveries`, asked)}
    >
      {(data) =>
        data.data.length ? (
          <div className="tall">
            <Table label="Deliveries" columns={["Time", "Channel", "What", "Outcome", ">Attempts", "Answer"]}>
              {data.data.map((one) => (
                <tr key={one.id}>
                  <td className="num">
                    <time dateTime={one.created_at}>{moment(one.created_at, zone)}</time>
                  </td>
                  <td>{one.channel}</td>
                  <td>
                    {one.what}
                    {!incident && one.incident_id ? (
                      <>
                        {": "}
                        <Link to={`/alerts/incidents/${one.incident_id}` as never}>{one.title}</Link>
                      </>
                    ) : (
                      ""
                    )}
                  </td>
                  <td className={one.status === "failed" || one.status === "given_up" ? "num bad" : "num"}>
                    {WORDS[one.status]}
                    {one.next_at && <span className="muted">, next {moment(one.next_at, zone)}</span>}
                  </td>
                  <td className="r">{count(one.attempts)}</td>
                  <td className="answer">{one.error ?? ""}</td>
                </tr>
              ))}
            </Table>
          </div>
        ) : (
          <p className="muted">{incident ? "Nobody was told." : "Nothing was sent yet."}</p>
        )
      }
    </Panel>
  );
}
