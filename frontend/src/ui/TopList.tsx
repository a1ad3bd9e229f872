/** Groups of one dimension in; the dearest of them as a table, each with its bar, share and change and a way on, out. */
import { Link } from "@tanstack/react-router";
import type { Group, Spend } from "../api/questions.ts";
import { isRest, named } from "../charts/series.ts";
import { leftOut } from "../coverage.ts";
import { approximate, count, delta, exactMoney, money, percent } from "../format.ts";
import type { Search } from "../url.ts";

interface TopListProps {
  by: string;
  groups: readonly Group[];
  /** What shares are of. */
  total: string | null;
  /** All of them where it isn't told. */
  most?: number;
  before?: Spend | undefined;
  /** Columns are headed, and tell how many calls there were. */
  headed?: boolean;
  /** Where a row leads. */
  to: (value: string) => { path?: string; search: Search };
  empty?: string;
}

function value(group: Group, by: string): string {
  const found = (group as unknown as Record<string, unknown>)[by];
  return found === null || found === undefined ? "" : String(found);
}

/** The dearest first; those of unknown cost last, and the rest of all after them. */
export function dearest(groups: readonly Group[]): Group[] {
  const rank = (group: Group) => (isRest(group) ? 2 : group.cost_usd === null ? 1 : 0);
  return [...groups].sort((a, b) => rank(a) - rank(b) || approximate(b.cost_usd) - approximate(a.cost_usd));
}

export function TopList(props: TopListProps) {
  const { by, groups, total, most, before, headed = false, to, empty = "Nothing in this range." } = props;
  const shown = most === undefined ? dearest(groups) : dearest(groups.filter((one) => !isRest(one))).slice(0, most);
  if (!shown.length) return <p className="empty">{empty}</p>;
  const longest = Math.max(...shown.map((group) => approximate(group.cost_usd)), 0) || 1;
  const all = approximate(total) || 1;
  const earlier = new Map(before?.groups.map((group) => [named(group, by), group]));
  return (
    <table className="plain">
      {headed && (
        <thead>
          <tr>
            <th scope="col">{by.replace("_", " ")}</th>
            <th scope="col" className="r">
              Calls
            </th>
            <th scope="col" className="r">
              Cost
            </th>
            <th scope="col" className="r">
              Share
            </th>
          </tr>
        </thead>
      )}
      <tbody>
        {shown.map((group) => {
          const name = named(group, by);
          const on = to(value(group, by));
          return (
            <tr key={`${name} ${isRest(group)}`}>
              <td className="clipped" style={{ width: "50%" }} title={name}>
                {isRest(group) ? (
                  name
                ) : (
                  <Link to={(on.path ?? ".") as never} search={on.search as never}>
                    {name}
                  </Link>
                )}
                <div className="bar" style={{ width: `${(100 * approximate(group.cost_usd)) / longest}%` }} />
              </td>
              {headed && <td className="r">{count(group.calls)}</td>}
              <td className="r" title={`${exactMoney(group.cost_usd)}${leftOut(group)}`}>
                {group.cost_usd === null ? "— no price" : money(group.cost_usd)}
              </td>
              <td className="r muted">{group.cost_usd === null ? "—" : percent(approximate(group.cost_usd) / all)}</td>
              {before && <Change now={group} then={earlier.get(name)} />}
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

/** What wasn't there before is new; from what nobody knows there is no change. */
function Change({ now, then }: { now: Group; then: Group | undefined }) {
  const unknown = now.cost_usd === null || then?.cost_usd === null;
  return (
    <td className="r muted" title={then ? `${exactMoney(then.cost_usd)} before` : "nothing before"}>
      {unknown ? "—" : delta(approximate(now.cost_usd), approximate(then?.cost_usd))}
    </td>
  );
}
