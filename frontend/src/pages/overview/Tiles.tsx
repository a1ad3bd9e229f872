/** The four numbers of the range, each with what it leaves out and how it changed. */
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { Schemas } from "../../api/client.ts";
import type { Measures } from "../../api/questions.ts";
import { usePlace } from "../../app/place.ts";
import { cost } from "../../charts/series.ts";
import { approximate, count, delta, duration, exactMoney, money, percent, shortCount } from "../../format.ts";
import { leftOut, untold } from "../../coverage.ts";
import { Failure } from "../../ui/Panel.tsx";
import { Skeleton } from "../../ui/Skeleton.tsx";
import { Tile } from "../../ui/Tile.tsx";
import { NotYetKnown, Uncovered } from "../../ui/Uncovered.tsx";
import { carried, withFilter } from "../../url.ts";
import { before, firstTokens, head, useHeadDrawn } from "./questions.ts";

type FirstToken = Schemas["FirstToken"];

export function Tiles() {
  const { search } = usePlace();
  const answer = useQuery(head(search));
  const earlier = useQuery(before(search, "none"));
  const first = useQuery({ ...firstTokens(search), enabled: useHeadDrawn(search) });
  if (answer.error && !answer.data) return <Failure error={answer.error} retry={() => void answer.refetch()} />;
  const now = answer.data?.total;
  const then = earlier.isEnabled ? earlier.data?.total : undefined;
  const busy = answer.isPending || answer.isPlaceholderData;
  if (!now) {
    return (
      <>
        <div className="grid tiles" aria-busy>
          {["Total Cost", "Total Requests", "Total Tokens", "Average Latency"].map((title) => (
            <section className="panel tile" key={title} aria-label={title}>
              <h2>{title}</h2>
              <Skeleton height={34} width={140} />
              <div className="sub" />
              <div className="spark" />
            </section>
          ))}
        </div>
        <NotYetKnown />
      </>
    );
  }
  const steps = (of: (step: Measures) => number | null, none: number | null = 0) =>
    (answer.data?.series ?? []).map(({ total }) => (total.calls ? of(total) : none));
  const tokens = (of: Measures) => (of.input_tokens ?? 0) + (of.output_tokens ?? 0);
  return (
    <>
      <div className="grid tiles">
        <Tile
          title="Total Cost"
          busy={busy}
          value={money(now.cost_usd)}
          exact={`${exactMoney(now.cost_usd)}${leftOut(now)}`}
          delta={<Why change={changed(now.cost_usd, then?.cost_usd)} />}
          spark={steps(cost)}
          sub={now.calls > 0 && `in ${money(now.input_cost_usd)} · out ${money(now.output_cost_usd)}`}
        />
        <Tile
          title="Total Requests"
          busy={busy}
          value={shortCount(now.calls)}
          exact={`${count(now.calls)} calls, ${count(now.errors)} of them failed`}
          delta={then && delta(now.calls, then.calls)}
          spark={steps((of) => of.calls)}
          sub={
            now.calls > 0 && (
              <>
                {succeeded(now)} ok ·{" "}
                <Link to={"/requests" as never} search={withFilter(carried(search), "status", "error") as never}>
                  {count(now.errors)} {now.errors === 1 ? "error" : "errors"}
                </Link>
              </>
            )
          }
        />
        <Tile
          title="Total Tokens"
          busy={busy}
          value={shortCount(tokens(now))}
          exact={`${count(now.input_tokens)} prompt (${count(now.cached_input_tokens)} of them cached), ${count(now.output_tokens)} completion${untold(now)}`}
          delta={then && delta(tokens(now), tokens(then))}
          spark={steps(tokens)}
          sub={`${shortCount(now.input_tokens)} prompt · ${shortCount(now.output_tokens)} completion`}
        />
        <Tile
          title="Average Latency"
          busy={busy}
          value={duration(now.latency_ms?.avg)}
          exact={`average of ${count(now.calls)} calls; shortest ${duration(now.latency_ms?.min)}, longest ${duration(now.latency_ms?.max)}${waited(first.data)}`}
          delta={now.latency_ms?.avg && then?.latency_ms?.avg && delta(now.latency_ms.avg, then.latency_ms.avg)}
          spark={steps((of) => of.latency_ms?.avg ?? null, null)}
          sub={now.calls > 0 && now.latency_ms && <span className="four">{spread(now.latency_ms)}</span>}
          aside={first.data?.calls ? `TTFT ${duration(first.data.ttft_ms.p50)}` : undefined}
        />
      </div>
      <Uncovered of={now} />
    </>
  );
}

/** Among many calls some errors would be rounded away. */
function succeeded({ calls, errors }: Measures): string {
  const share = (calls - errors) / calls;
  return errors && share > 0.99 ? ">99 %" : percent(share);
}

function spread(of: Measures["latency_ms"]): string {
  return `${duration(of?.min)} – ${duration(of?.max)} · p50 ${duration(of?.p50)} · p95 ${duration(of?.p95)}`;
}

/** How long the first token took, where anybody told. */
function waited(of: FirstToken | undefined): string {
  if (!of?.calls) return "";
  const { avg, p50, p95 } = of.ttft_ms;
  return `; time to first token of ${count(of.calls)} calls that told it: p50 ${duration(p50)}, p95 ${duration(p95)}, average ${duration(avg)}`;
}

/** How much more, and the way to what made it so. */
function Why({ change }: { change: string | undefined }) {
  const { search } = usePlace();
  if (!change) return null;
  return (
    <Link to={"/costs" as never} search={{ ...carried(search), why: "all" } as never} title="Why did it change?">
      {change}
    </Link>
  );
}

/** From or to what nobody knows there is no change. */
function changed(now: string | null, then: string | null | undefined): string | undefined {
  return now === null || then === null || then === undefined ? undefined : delta(approximate(now), approximate(then));
}
