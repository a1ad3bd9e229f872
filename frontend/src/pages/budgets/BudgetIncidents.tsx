/** A budget in; which of its thresholds were reached when, period by period, and what became of that, out. */
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { asCurl, type Schemas } from "../../api/client.ts";
import { question } from "../../api/questions.ts";
import { exactMoney, moment, money } from "../../format.ts";
import { Panel } from "../../ui/Panel.tsx";
import { Table } from "../../ui/Table.tsx";
import type { Budget } from "./questions.ts";

const PATH = "/api/v1/alerts/incidents";
const SHOWN = "20";

export function BudgetIncidents({ of }: { of: Budget }) {
  const asked = { rule_id: of.id, limit: SHOWN };
  const answer = useQuery(question<Schemas["IncidentList"]>(PATH, asked));
  return (
    <Panel title="Incidents" query={answer} height={80} curl={asCurl(PATH, asked)}>
      {(data) =>
        data.data.length ? (
          <Table label="Incidents" columns={["Since", "Period", "Severity", ">Spent", "State", "What"]}>
            {data.data.map((one) => (
              <tr key={one.id}>
                <td className="num">
                  <Link to={`/alerts/incidents/${one.id}` as never} className="go">
                    <time dateTime={one.since}>{moment(one.since, of.timezone, false)}</time>
                  </Link>
                </td>
                <td className="num">{one.group.map(({ value }) => value).join(", ")}</td>
                <td>{one.severity}</td>
                <td className="r" title={exactMoney(one.peak)}>
                  {money(one.peak)}
                </td>
                <td>{one.status}</td>
                <td>{one.verdict.why}</td>
              </tr>
            ))}
          </Table>
        ) : (
          <p className="muted">None: no threshold was reached while anybody looked.</p>
        )
      }
    </Panel>
  );
}
