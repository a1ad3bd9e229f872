/** The environments that calls named in the last 30 days: what each cost, how many failed, and the way to its requests. */
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { asCurl } from "../../api/client.ts";
import { spend } from "../../api/questions.ts";
import { filterValue, isRest, named } from "../../charts/series.ts";
import { leftOut } from "../../coverage.ts";
import { count, exactMoney, money, percent } from "../../format.ts";
import { Panel } from "../../ui/Panel.tsx";
import { dearest } from "../../ui/TopList.tsx";

const BY = "environment";
const ASKED = { from: "now-30d", by: BY, granularity: "none" };

export function Environments() {
  const answer = useQuery(spend(ASKED));
  return (
    <Panel
      title="Environments"
      finding="as calls name them; nobody has to make one first"
      query={answer}
      height={160}
      curl={asCurl("/api/v1/spend", ASKED)}
    >
      {(data) =>
        data.groups.length ? (
          <table className="plain">
            <thead>
              <tr>
                <th scope="col">Environment</th>
                {["Requests", "Errors", "Cost, 30 days"].map((name) => (
                  <th scope="col" className="r" key={name}>
                    {name}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {dearest(data.groups.filter((group) => !isRest(group))).map((group) => {
                const name = named(group, BY);
                const search = { from: "now-30d", environment: filterValue(name, BY) };
                return (
                  <tr key={name}>
                    <td>
                      <Link to={"/requests" as never} search={search as never}>
                        {name}
                      </Link>
                    </td>
                    <td className="r">{count(group.calls)}</td>
                    <td className="r" title={`${count(group.errors)} of ${count(group.calls)}`}>
                      {percent(group.errors / group.calls)}
                    </td>
                    <td className="r" title={`${exactMoney(group.cost_usd)}${leftOut(group)}`}>
                      {group.cost_usd === null ? "— no price" : money(group.cost_usd)}
                    </td>
                  </tr>
                );
              })}
            </tbody>
          </table>
        ) : (
          <p className="empty">No call in the last 30 days. Set deployment.environment.name, and it stands here.</p>
        )
      }
    </Panel>
  );
}
