/** The second tab: how many tokens a request takes, what they cost, and what was paid in vain. */
import { useQuery } from "@tanstack/react-query";
import { asCurl } from "../../api/client.ts";
import type { Spend } from "../../api/questions.ts";
import { usePlace } from "../../app/place.ts";
import { OverTime } from "../../charts/OverTime.tsx";
import { cut, filterValue, type Over } from "../../charts/series.ts";
import type { Unit } from "../../charts/written.ts";
import { Empty } from "../../ui/Empty.tsx";
import { Panel } from "../../ui/Panel.tsx";
import { asked, withFilter } from "../../url.ts";
import {
  cacheShare,
  drawnCostEach,
  drawnPerThousand,
  onlySucceeded,
  promptEach,
  ratioOver,
  ratiosBy,
  tokensEach,
} from "./efficiency.ts";
import { EfficiencyTiles } from "./EfficiencyTiles.tsx";
import { granularityOf, isEmpty, overTime, overTimeBefore } from "./questions.ts";
import { WasteList } from "./WasteList.tsx";

const tokensOver = (data: Spend) => ratioOver(onlySucceeded(data), "tokens", tokensEach);

const CHARTS: readonly (readonly [string, Unit, (data: Spend) => Over])[] = [
  ["Cost per request ($)", "money", (data) => ratioOver(data, "cost", drawnCostEach)],
  ["Cost per 1K tokens ($)", "money", (data) => ratioOver(data, "cost", drawnPerThousand)],
  ["Cache hit share", "share", (data) => ratioOver(data, "cached", cacheShare)],
];

export function TokenEfficiency() {
  const { search } = usePlace();
  const all = useQuery(overTime(search));
  const then = useQuery(overTimeBefore(search, all.data?.granularity ?? "auto"));
  const outcomes = useQuery(overTime(search, "status"));
  const outcomesThen = useQuery(overTimeBefore(search, outcomes.data?.granularity ?? "auto", "status"));
  const versions = useQuery(overTime(search, "prompt_version,status"));
  const curl = (by?: string) =>
    asCurl("/api/v1/spend", { ...asked(search), ...(by ? { by } : {}), granularity: granularityOf(search) });
  if (isEmpty(all, then)) return <Empty />;
  return (
    <>
      <EfficiencyTiles answer={all} outcomes={outcomes} outcomesThen={outcomesThen} />
      <div className="grid halves">
        <Panel
          title="Tokens per request"
          finding="of those that succeeded and told their usage"
          query={outcomes}
          height={240}
          curl={curl("status")}
        >
          {(data) => (
            <OverTime
              title="Tokens per request"
              over={{ ...tokensOver(data), cut: cut(data) }}
              earlier={outcomesThen.isEnabled && outcomesThen.data ? tokensOver(outcomesThen.data) : undefined}
              unit="ratio"
              kind="lined"
              dimension="efficiency"
              height={200}
            />
          )}
        </Panel>
        {CHARTS.map(([title, unit, over]) => (
          <Panel key={title} title={title} query={all} height={240} curl={curl()}>
            {(data) => (
              <OverTime
                title={title}
                over={{ ...over(data), cut: cut(data) }}
                earlier={then.isEnabled && then.data ? over(then.data) : undefined}
                unit={unit}
                kind="lined"
                dimension="efficiency"
                height={200}
              />
            )}
          </Panel>
        ))}
      </div>
      <Panel
        title="Prompt inflation"
        finding="input tokens per successful request, by prompt version"
        query={versions}
        height={280}
        curl={curl("prompt_version,status")}
      >
        {(data) => {
          const over = { ...ratiosBy(onlySucceeded(data), "prompt_version", promptEach), cut: cut(data) };
          if (!over.lines.length)
            return <p className="empty">No call told its prompt version. Send it to see which version grew.</p>;
          return (
            <OverTime
              title="Prompt inflation"
              over={over}
              unit="ratio"
              kind="lined"
              dimension="prompt_version"
              narrowed={(now, name) => withFilter(now, "prompt_version", filterValue(name, "prompt_version"))}
            />
          );
        }}
      </Panel>
      <WasteList />
    </>
  );
}
