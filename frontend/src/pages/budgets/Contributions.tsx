/** A budget in; the models, features and users that used most of it up, out. */
import { useQuery } from "@tanstack/react-query";
import { Panel } from "../../ui/Panel.tsx";
import { TopList } from "../../ui/TopList.tsx";
import { withFilter } from "../../url.ts";
import { type Budget, counted, within } from "./questions.ts";

const KINDS = [
  ["model", "By model"],
  ["feature", "By feature"],
  ["user", "By user"],
] as const;

const SHOWN = 5;

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
      {(data) => (
        <TopList
          by={by}
          groups={data.groups}
          total={data.total.cost_usd}
          most={SHOWN}
          to={(value) => ({ path: "/requests", search: withFilter(counted(of), by, value) })}
          empty="Nothing yet in this period."
        />
      )}
    </Panel>
  );
}
