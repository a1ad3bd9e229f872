/** An incident in; what happened to it, from its end to its beginning, out. */
import { usePlace } from "../../app/place.ts";
import { moment } from "../../format.ts";
import { zoneOf } from "../../url.ts";
import { Table } from "../../ui/Table.tsx";
import type { IncidentDetail } from "./questions.ts";
import { amount } from "./words.ts";

export function History({ of }: { of: IncidentDetail }) {
  const { search } = usePlace();
  const zone = zoneOf(search);
  const events = [...of.events].sort((a, b) => Date.parse(b.at) - Date.parse(a.at));
  return (
    <section className="panel" aria-label="History">
      <header>
        <h2>History</h2>
      </header>
      <div className="tall">
        <Table label="History" columns={["Time", "What", ">Then", "Who, and why"]}>
          {events.map((one, at) => (
            <tr key={`${one.at} ${at}`}>
              <td className="num">
                <time dateTime={one.at}>{moment(one.at, zone)}</time>
              </td>
              <td>{one.what}</td>
              <td className="r">{one.actual === null ? "" : amount(one.actual, of.verdict.unit)}</td>
              <td>{[one.by, one.text].filter(Boolean).join(": ")}</td>
            </tr>
          ))}
        </Table>
      </div>
    </section>
  );
}
