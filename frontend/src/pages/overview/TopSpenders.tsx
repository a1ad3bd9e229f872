/** The five dearest of each kind; a row filters by itself. */
import { useQuery } from "@tanstack/react-query";
import { usePlace } from "../../app/place.ts";
import { isRest, named } from "../../charts/series.ts";
import { approximate, exactMoney, money, percent } from "../../format.ts";
import { Panel } from "../../ui/Panel.tsx";
import { withFilter } from "../../url.ts";
import { top } from "./questions.ts";

const KINDS = [
  ["model", "Top models"],
  ["feature", "Top features"],
  ["user", "Top users"],
  ["team", "Top teams"],
  ["tenant", "Top tenants"],
  ["prompt_version", "Top prompt versions"],
] as const;

const SHOWN = 5;

export function TopSpenders() {
  return (
    <div className="grid thirds">
      {KINDS.map(([by, title]) => (
        <Top key={by} by={by} title={title} />
      ))}
    </div>
  );
}

function Top({ by, title }: { by: string; title: string }) {
  const { search, change } = usePlace();
  const answer = useQuery(top(search, by));
  return (
    <Panel title={title} query={answer} height={180}>
      {(data) => {
        const groups = data.groups
          .filter((group) => !isRest(group))
          .sort((a, b) => approximate(b.cost_usd) - approximate(a.cost_usd))
          .slice(0, SHOWN);
        const most = approximate(groups[0]?.cost_usd) || 1;
        const all = approximate(data.total.cost_usd) || 1;
        if (!groups.length) return <p className="empty">Nothing in this range.</p>;
        return (
          <table className="plain">
            <tbody>
              {groups.map((group) => {
                const name = named(group, by);
                const value = (group as unknown as Record<string, unknown>)[by];
                return (
                  <tr key={name}>
                    <td style={{ width: "50%" }}>
                      <a
                        href="#page"
                        onClick={(event) => {
                          event.preventDefault();
                          change((now) => withFilter(now, by, value ? String(value) : ""));
                        }}
                      >
                        {name}
                      </a>
                      <div className="bar" style={{ width: `${(100 * approximate(group.cost_usd)) / most}%` }} />
                    </td>
                    <td className="r" title={exactMoney(group.cost_usd)}>
                      {group.cost_usd === null ? "no price" : money(group.cost_usd)}
                    </td>
                    <td className="r muted">{percent(approximate(group.cost_usd) / all)}</td>
                  </tr>
                );
              })}
            </tbody>
          </table>
        );
      }}
    </Panel>
  );
}
