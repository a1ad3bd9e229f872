/** Groups of one dimension in; a panel of them, the dearest first, each a link to its requests, out. */
import type { Group } from "../../api/questions.ts";
import { sum } from "../../decimal.ts";
import { TopList } from "../../ui/TopList.tsx";
import { type Search, withFilter } from "../../url.ts";

interface BreakdownProps {
  title: string;
  by: string;
  groups: Group[];
  requests: Search;
}

export function Breakdown({ title, by, groups, requests }: BreakdownProps) {
  return (
    <section className="panel" aria-label={title}>
      <header>
        <h2>{title}</h2>
      </header>
      <TopList
        by={by}
        groups={groups}
        total={sum(groups.map((group) => group.cost_usd))}
        headed
        to={(value) => ({ path: "/requests", search: withFilter(requests, by, value) })}
      />
    </section>
  );
}
