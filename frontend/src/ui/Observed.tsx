/** A dimension in; its values that calls named in the last 30 days, what each cost, how many failed, and the way to its requests, out. */
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { asCurl } from "../api/client.ts";
import { spend } from "../api/questions.ts";
import { filterValue, isRest, named } from "../charts/series.ts";
import { leftOut } from "../coverage.ts";
import { count, exactMoney, money, percent } from "../format.ts";
import { Panel } from "./Panel.tsx";
import { PlainTable } from "./PlainTable.tsx";
import { dearest } from "./TopList.tsx";

interface ObservedProps {
  by: "environment" | "config";
  title: string;
  finding: string;
  /** What to do so that there is one. */
  empty: string;
}

export function Observed({ by, title, finding, empty }: ObservedProps) {
  const asked = { from: "now-30d", by, granularity: "none" };
  const answer = useQuery(spend(asked));
  return (
    <Panel title={title} finding={finding} query={answer} height={160} curl={asCurl("/api/v1/spend", asked)}>
      {(data) =>
        data.groups.length ? (
          <PlainTable label={title}>
            <thead>
              <tr>
                <th scope="col">{by}</th>
                {["Requests", "Errors", "Cost, 30 days"].map((name) => (
                  <th scope="col" className="r" key={name}>
                    {name}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {dearest(data.groups.filter((group) => !isRest(group))).map((group) => {
                const name = named(group, by);
                const search = { from: "now-30d", [by]: filterValue(name, by) };
                return (
                  <tr key={name}>
                    <td className="long" title={name}>
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
          </PlainTable>
        ) : (
          <p className="empty">No call in the last 30 days. {empty}</p>
        )
      }
    </Panel>
  );
}
