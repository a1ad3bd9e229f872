/** How well tokens were used, in nine numbers. */
import { type UseQueryResult, useQuery } from "@tanstack/react-query";
import type { Measures, Spend } from "../../api/questions.ts";
import { usePlace } from "../../app/place.ts";
import { leftOut } from "../../coverage.ts";
import { written } from "../../charts/written.ts";
import { approximate, count, delta, exactMoney, money, percent, shortCount } from "../../format.ts";
import { Failure } from "../../ui/Panel.tsx";
import { Tile } from "../../ui/Tile.tsx";
import { cacheShare, outputToInput, perThousand, succeededIn, told, tokens, tokensEach } from "./efficiency.ts";
import { cacheReport, overTimeBefore, waste } from "./questions.ts";
import { costEach } from "./rows.ts";

const WAITING = "…";

interface Props {
  answer: UseQueryResult<Spend>;
  /** By status, of the range and of the one it is compared with. */
  outcomes: UseQueryResult<Spend>;
  outcomesThen: UseQueryResult<Spend> & { isEnabled: boolean };
}

export function EfficiencyTiles({ answer, outcomes, outcomesThen }: Props) {
  const { search } = usePlace();
  const before = useQuery(overTimeBefore(search, "none"));
  const wasted = useQuery(waste(search));
  const cached = useQuery(cacheReport(search));
  if (answer.error && !answer.data) return <Failure error={answer.error} retry={() => void answer.refetch()} />;
  const now = answer.data?.total;
  const then = before.isEnabled ? before.data?.total : undefined;
  const busy = answer.isPending || answer.isPlaceholderData;
  const ratio = (of: (total: Measures) => number | null, write: (value: number | null) => string) => {
    const [a, b] = [now ? of(now) : null, then ? of(then) : null];
    return { busy, value: now ? write(a) : WAITING, delta: a !== null && b !== null ? delta(a, b) : undefined };
  };
  const known = (value: string | null) => (value === null ? null : approximate(value));
  const amount = (of: (total: Measures) => string | null) => ({
    ...ratio(
      (total) => known(of(total)),
      () => money(now ? of(now) : null),
    ),
    exact: now ? `${exactMoney(of(now))}${leftOut(now)}` : "",
  });
  const of = wasted.data;
  const reasoning = of?.reasoning_tokens == null || !of.output_tokens ? null : of.reasoning_tokens / of.output_tokens;
  return (
    <div className="grid tiles">
      <TokensPerRequest outcomes={outcomes} then={outcomesThen.isEnabled ? outcomesThen.data : undefined} />
      <Tile
        title="Output / input"
        {...ratio(outputToInput, (value) => written(value, "ratio"))}
        exact={now ? `${count(now.output_tokens)} out, ${count(now.input_tokens)} in` : ""}
        sub="output tokens per input token"
      />
      <Tile
        title="Cache hit share"
        {...ratio(cacheShare, percent)}
        exact={now ? `${count(now.cached_input_tokens)} of ${count(now.input_tokens)} input tokens` : ""}
        sub={cached.data ? `saved ${money(cached.data.net_saved_usd)}` : WAITING}
      />
      <Tile
        title="Reasoning share"
        busy={wasted.isPending}
        value={of ? percent(reasoning) : WAITING}
        exact={of ? `${count(of.reasoning_tokens)} of ${count(of.output_tokens)} output tokens` : ""}
        sub={of ? `told by ${shortCount(of.reasoning_calls)} requests` : WAITING}
      />
      <Tile title="Cost per request" {...amount(costEach)} sub="of requests with a known cost" />
      <Tile title="Cost per 1K tokens" {...amount(perThousand)} sub="input and output together" />
      <Tile
        title="Cost of failed requests"
        busy={wasted.isPending}
        value={of ? money(of.failed.cost_usd) : WAITING}
        exact={of ? `${exactMoney(of.failed.cost_usd)}; ${count(of.failed.uncovered_calls)} without a known cost` : ""}
        sub={of ? `${count(of.failed.calls)} failed` : WAITING}
      />
      <Tile
        title="Cost of repeated prompts"
        busy={wasted.isPending}
        value={of ? money(of.repeated.cost_usd) : WAITING}
        exact={
          of
            ? `${exactMoney(of.repeated.cost_usd)}: prompts as long as an earlier one of the same trace, as retries are`
            : ""
        }
        sub={of ? `${count(of.repeated.calls)} retries or repeats` : WAITING}
      />
    </div>
  );
}

function TokensPerRequest({ outcomes, then }: { outcomes: UseQueryResult<Spend>; then: Spend | undefined }) {
  const now = outcomes.data && succeededIn(outcomes.data.groups);
  const before = then && succeededIn(then.groups);
  const [a, b] = [now ? tokensEach(now) : null, before ? tokensEach(before) : null];
  return (
    <Tile
      title="Tokens per request"
      busy={outcomes.isPending || outcomes.isPlaceholderData}
      value={outcomes.data ? written(a, "count") : outcomes.error ? "—" : WAITING}
      delta={a !== null && b !== null ? delta(a, b) : undefined}
      exact={
        now
          ? `${count(tokens(now))} tokens of ${count(told(now))} requests that succeeded and told their usage`
          : "No request that succeeded told its usage"
      }
      sub="input and output"
    />
  );
}
