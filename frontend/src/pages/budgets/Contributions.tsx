/** A budget in; the models, features and users that used most of it up, out. */
import { useQuery } from "@tanstack/react-query";
import { isRest, named } from "../../charts/series.ts";
import { approximate, exactMoney, money, percent } from "../../format.ts";
import { Panel } from "../../ui/Panel.tsx";
import { type Budget, within } from "./questions.ts";

const KINDS = [
  ["model", "By model"],
  ["feature", "By feature"],
  ["user", "By user"],
] as const;

export function Contributions({ of }: { of: Budget }) {
  return (
    <div className="grid thirds">
      {KINDS.map(([by, title]) => (
        <Kind key={by} of={of} by={by} title={title} />
      ))}
    </div>
  );
}

function Kind({ of, by, title }: { of: Budget; by: string; title: string }) {
  const answer = useQuery(within(of, by));
  return (
    <Panel title={title} query={answer} height={160}>
      {(data) => {
        const groups = data.groups
          .filter((group) => !isRest(group))
          .sort((a, b) => approximate(b.cost_usd) - approximate(a.cost_usd))
          .slice(0, 5);
        if (!groups.length) return <p className="empty">Nothing yet in this period.</p>;
        const all = approximate(data.total.cost_usd) || 1;
        return (
          <table className="plain">
            <tbody>
              {groups.map((group) => (
                <tr key={named(group, by)}>
                  <td>
                    {named(group, by)}
                    <div className="bar" style={{ width: `${(100 * approximate(group.cost_usd)) / all}%` }} />
                  </td>
                  <td className="r" title={exactMoney(group.cost_usd)}>
                    {group.cost_usd === null ? "— no price" : money(group.cost_usd)}
                  </td>
                  <td className="r muted">{percent(approximate(group.cost_usd) / all)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        );
      }}
    </Panel>
  );
}
