/** Groups of one dimension in; a table of them, the dearest first, each a link to its requests, out. */
import { Link } from "@tanstack/react-router";
import type { Group } from "../../api/questions.ts";
import { isRest, named } from "../../charts/series.ts";
import { approximate, count, exactMoney, money } from "../../format.ts";
import { type Search, withFilter } from "../../url.ts";

export function Breakdown({
  title,
  by,
  groups,
  requests,
}: {
  title: string;
  by: string;
  groups: Group[];
  requests: Search;
}) {
  const most = Math.max(...groups.map((group) => approximate(group.cost_usd)), 0) || 1;
  return (
    <section className="panel" aria-label={title}>
      <header>
        <h2>{title}</h2>
      </header>
      <table className="plain">
        <thead>
          <tr>
            <th scope="col">{by}</th>
            <th scope="col" className="r">
              Calls
            </th>
            <th scope="col" className="r">
              Cost
            </th>
          </tr>
        </thead>
        <tbody>
          {groups.map((group) => {
            const name = named(group, by);
            const value = (group as unknown as Record<string, unknown>)[by];
            return (
              <tr key={`${name} ${isRest(group)}`}>
                <td style={{ width: "55%" }}>
                  {isRest(group) ? (
                    name
                  ) : (
                    <Link
                      to={"/requests" as never}
                      search={withFilter(requests, by, value ? String(value) : "") as never}
                    >
                      {name}
                    </Link>
                  )}
                  <div className="bar" style={{ width: `${(100 * approximate(group.cost_usd)) / most}%` }} />
                </td>
                <td className="r">{count(group.calls)}</td>
                <td className="r" title={exactMoney(group.cost_usd)}>
                  {group.cost_usd === null ? "— no price" : money(group.cost_usd)}
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </section>
  );
}
