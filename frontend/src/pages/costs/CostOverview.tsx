/** The first tab: four tiles, five charts, values and periods side by side, and the table of what cost what. */
import { useQuery } from "@tanstack/react-query";
import { asCurl } from "../../api/client.ts";
import type { Spend } from "../../api/questions.ts";
import { usePlace } from "../../app/place.ts";
import { baseline, unusual, WINDOW } from "../../charts/baseline.ts";
import { OverTime } from "../../charts/OverTime.tsx";
import {
  byGroup,
  byMeasure,
  cachedTokens,
  cost,
  filterValue,
  inputCost,
  inputTokens,
  type Measure,
  outputCost,
  outputTokens,
} from "../../charts/series.ts";
import { Empty } from "../../ui/Empty.tsx";
import { useCostIncidents } from "../../ui/incidents.ts";
import { Panel } from "../../ui/Panel.tsx";
import { asked, first, type Search, withFilter } from "../../url.ts";
import { Breakdown } from "./Breakdown.tsx";
import { CostByModel, TokensByModel } from "./ByModel.tsx";
import { withCached } from "./cached.ts";
import { cachedOver, daysBefore, granularityOf, isEmpty, overTime, overTimeBefore } from "./questions.ts";
import { SideBySide } from "./SideBySide.tsx";
import { Tiles } from "./Tiles.tsx";

const COSTS = { input_cost: inputCost, output_cost: outputCost };
const TOKENS = { input_tokens: inputTokens, output_tokens: outputTokens, cached_input_tokens: cachedTokens };

export function CostOverview() {
  const { search } = usePlace();
  const all = useQuery(overTime(search));
  const then = useQuery(overTimeBefore(search, all.data?.granularity ?? "auto"));
  // Not among the aggregates: it must not hold up what is.
  const cached = useQuery({ ...cachedOver(search), enabled: all.isSuccess });
  const earlier = (measures: Readonly<Record<string, Measure>>) =>
    then.isEnabled && then.data ? byMeasure(then.data, measures) : undefined;
  const curl = asCurl("/api/v1/spend", { ...asked(search), granularity: granularityOf(search) });
  if (isEmpty(all, then)) {
    return (
      <>
        <Tiles answer={all} />
        <Empty />
        {/* It was asked for by name, so it says what is wrong with that. */}
        {first(search, "by") && <Breakdown />}
      </>
    );
  }
  return (
    <>
      <Tiles answer={all} />
      <div className="grid halves">
        <CostOverTime />
        <CostByModel />
        <Panel title="Input vs Output Cost Over Time ($)" query={all} height={280} curl={curl}>
          {(data) => (
            <OverTime
              title="Input vs Output Cost Over Time ($)"
              over={withCached(byMeasure(data, COSTS), cached.data)}
              unit="money"
              kind="grouped"
              dimension="cost part"
              earlier={earlier(COSTS)}
            />
          )}
        </Panel>
        <TokensByModel />
      </div>
      <Panel title="Token Usage Over Time" query={all} height={280} curl={curl}>
        {(data) => (
          <OverTime
            title="Token Usage Over Time"
            over={byMeasure(data, TOKENS)}
            unit="count"
            kind="lined"
            dimension="tokens"
            earlier={earlier(TOKENS)}
          />
        )}
      </Panel>
      <SideBySide />
      <Breakdown />
    </>
  );
}

function CostOverTime() {
  const { search } = usePlace();
  const answer = useQuery(overTime(search, "model"));
  const daily = answer.data?.granularity === "day";
  const start = daily ? answer.data?.series[0]?.time : undefined;
  const days = useQuery(daysBefore(search, start, WINDOW));
  const before = useQuery(overTimeBefore(search, answer.data?.granularity ?? "auto"));
  const incidents = useCostIncidents(answer.data, search);
  return (
    <Panel
      title="LLM Cost Over Time ($)"
      query={answer}
      height={280}
      curl={asCurl("/api/v1/spend", { ...asked(search), by: "model", granularity: granularityOf(search) })}
    >
      {(data) => {
        const sums = stepSums(data);
        const earlierDays =
          days.data && daily && days.data.granularity === "day" ? stepSums(days.data).slice(0, WINDOW) : [];
        const band = daily ? baseline([...earlierDays, ...sums], earlierDays.length) : undefined;
        const over = byGroup(data, "model", cost);
        const far = band ? unusual(sums, band).filter((step) => !isEnd(over.cut, step, sums.length)) : undefined;
        const earlier = before.isEnabled && before.data ? byMeasure(before.data, { cost }) : undefined;
        return (
          <OverTime
            title="LLM Cost Over Time ($)"
            over={over}
            unit="money"
            kind="stacked"
            dimension="model"
            band={band}
            marks={far}
            incidents={incidents}
            earlier={earlier}
            narrowed={(now: Search, name: string) => withFilter(now, "model", filterValue(name, "model"))}
          />
        );
      }}
    </Panel>
  );
}

/** A step that isn't whole can't be held against whole days. */
function isEnd(cut: { first: boolean; last: boolean } | undefined, step: number, steps: number): boolean {
  return (step === 0 && !!cut?.first) || (step === steps - 1 && !!cut?.last);
}

/** For drawing only: what each step cost. */
export function stepSums(answer: Spend): (number | null)[] {
  return answer.series.map((step) => step.groups.reduce((sum, group) => sum + (cost(group) ?? 0), 0));
}
