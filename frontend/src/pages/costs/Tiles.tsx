/** The four numbers of the range, each with what it leaves out and how it changed. */
import { Skeleton } from "@mantine/core";
import { type UseQueryResult, useQuery } from "@tanstack/react-query";
import type { Measures, Spend } from "../../api/questions.ts";
import { usePlace } from "../../app/place.ts";
import { leftOut, untold } from "../../coverage.ts";
import { minus } from "../../decimal.ts";
import { approximate, count, delta, exactMoney, isZero, money, shortCount } from "../../format.ts";
import { Failure } from "../../ui/Panel.tsx";
import { Tile } from "../../ui/Tile.tsx";
import { NotYetKnown, Uncovered } from "../../ui/Uncovered.tsx";
import { overTimeBefore } from "./questions.ts";

const NAMES = ["Total LLM Cost ($)", "Total Input Tokens", "Total Output Tokens", "Total LLM Calls"] as const;

export function Tiles({ answer }: { answer: UseQueryResult<Spend> }) {
  const { search, change } = usePlace();
  const before = useQuery(overTimeBefore(search, "none"));
  if (answer.error && !answer.data) return <Failure error={answer.error} retry={() => void answer.refetch()} />;
  const now = answer.data?.total;
  if (!now) return <Waiting />;
  const then = before.isEnabled ? before.data?.total : undefined;
  const busy = answer.isPending || answer.isPlaceholderData;
  const changed = (of: (total: Measures) => number | null) => {
    const [a, b] = [of(now), then && of(then)];
    return a === null || b === null || b === undefined ? undefined : delta(a, b);
  };
  return (
    <>
      <div className="grid tiles">
        <Tile
          title={NAMES[0]}
          busy={busy}
          value={money(now.cost_usd)}
          exact={`${exactMoney(now.cost_usd)}${leftOut(now)}`}
          delta={changed((of) => (of.cost_usd === null ? null : approximate(of.cost_usd)))}
          sub={
            then?.cost_usd && now.cost_usd ? (
              <button type="button" className="link" onClick={() => change((at) => ({ ...at, why: "all" }))}>
                {signed(minus(now.cost_usd, then.cost_usd))}: why?
              </button>
            ) : (
              `in ${money(now.input_cost_usd)} · out ${money(now.output_cost_usd)}`
            )
          }
        />
        <Tile
          title={NAMES[1]}
          busy={busy}
          value={shortCount(now.input_tokens)}
          exact={`${count(now.input_tokens)}, of them ${count(now.cached_input_tokens)} read from a cache${untold(now)}`}
          delta={changed((of) => of.input_tokens)}
          sub={`${shortCount(now.cached_input_tokens)} cached`}
        />
        <Tile
          title={NAMES[2]}
          busy={busy}
          value={shortCount(now.output_tokens)}
          exact={`${count(now.output_tokens)}, with reasoning${untold(now)}`}
          delta={changed((of) => of.output_tokens)}
          sub="with reasoning"
        />
        <Tile
          title={NAMES[3]}
          busy={busy}
          value={shortCount(now.calls)}
          exact={`${count(now.calls)} calls, ${count(now.errors)} of them failed`}
          delta={changed((of) => of.calls)}
          sub={`${count(now.errors)} failed`}
        />
      </div>
      <Uncovered of={now} />
    </>
  );
}

function Waiting() {
  return (
    <>
      <div className="grid tiles" aria-busy>
        {NAMES.map((title) => (
          <section className="panel tile" key={title} aria-label={title}>
            <h2>{title}</h2>
            <Skeleton height={32} width={140} mb={2} />
            <div className="sub" />
          </section>
        ))}
      </div>
      <NotYetKnown />
    </>
  );
}

export function signed(value: string): string {
  return value.startsWith("-") || isZero(value) ? money(value) : `+${money(value)}`;
}
