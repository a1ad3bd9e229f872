/** The four numbers of the range, each with what it leaves out and how it changed. */
import { Skeleton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { Measures } from "../../api/questions.ts";
import { usePlace } from "../../app/place.ts";
import { approximate, count, delta, duration, exactMoney, money, percent, shortCount } from "../../format.ts";
import { Failure } from "../../ui/Panel.tsx";
import { Tile } from "../../ui/Tile.tsx";
import { carried, first, withFilter } from "../../url.ts";
import { before, total } from "./questions.ts";

export function Tiles() {
  const { search } = usePlace();
  const answer = useQuery(total(search));
  const compared = first(search, "cmp") === "prev";
  const earlier = useQuery({ ...before(search), enabled: compared });
  if (answer.error && !answer.data) return <Failure error={answer.error} retry={() => void answer.refetch()} />;
  const now = answer.data?.total;
  const then = compared ? earlier.data?.total : undefined;
  const busy = answer.isPending || answer.isPlaceholderData;
  if (!now) {
    return (
      <div className="grid tiles" aria-busy>
        {["Total Cost", "Total Requests", "Total Tokens", "Average Latency"].map((title) => (
          <section className="panel tile" key={title} aria-label={title}>
            <h2>{title}</h2>
            <Skeleton height={32} width={140} mb={2} />
            <div className="sub" />
          </section>
        ))}
      </div>
    );
  }
  const tokens = (of: Measures) => (of.input_tokens ?? 0) + (of.output_tokens ?? 0);
  return (
    <>
      <div className="grid tiles">
        <Tile
          title="Total Cost"
          busy={busy}
          value={money(now.cost_usd)}
          exact={`${exactMoney(now.cost_usd)}${leftOut(now)}`}
          delta={then && delta(approximate(now.cost_usd), approximate(then.cost_usd))}
          sub={`in ${money(now.input_cost_usd)} · out ${money(now.output_cost_usd)}`}
        />
        <Tile
          title="Total Requests"
          busy={busy}
          value={shortCount(now.calls)}
          exact={`${count(now.calls)} calls, ${count(now.errors)} of them failed`}
          delta={then && delta(now.calls, then.calls)}
          sub={
            <>
              {percent(now.calls ? (now.calls - now.errors) / now.calls : null)} ok ·{" "}
              <Link to={"/requests" as never} search={withFilter(carried(search), "status", "error") as never}>
                {count(now.errors)} errors
              </Link>
            </>
          }
        />
        <Tile
          title="Total Tokens"
          busy={busy}
          value={shortCount(tokens(now))}
          exact={`${count(now.input_tokens)} prompt (${count(now.cached_input_tokens)} of them cached), ${count(now.output_tokens)} completion${unknown(now)}`}
          delta={then && delta(tokens(now), tokens(then))}
          sub={`${shortCount(now.input_tokens)} prompt · ${shortCount(now.output_tokens)} completion`}
        />
        <Tile
          title="Average Latency"
          busy={busy}
          value={duration(now.latency_ms?.avg)}
          exact={`from ${duration(now.latency_ms?.min)} to ${duration(now.latency_ms?.max)}`}
          delta={then && delta(now.latency_ms?.avg ?? 0, then.latency_ms?.avg ?? 0)}
          sub={`p50 ${duration(now.latency_ms?.p50)} · p95 ${duration(now.latency_ms?.p95)}`}
        />
      </div>
      <Uncovered of={now} />
    </>
  );
}

function leftOut(of: Measures): string {
  const parts = [
    of.unpriced_calls ? `${count(of.unpriced_calls)} calls without a price` : "",
    of.unknown_usage_calls ? `${count(of.unknown_usage_calls)} calls of unknown usage` : "",
  ].filter(Boolean);
  return parts.length ? `; without ${parts.join(" and ")}` : "; all calls are in it";
}

function unknown(of: Measures): string {
  return of.unknown_usage_calls ? `; ${count(of.unknown_usage_calls)} calls told no usage` : "";
}

/** What the sums don't cover is never silent. */
function Uncovered({ of }: { of: Measures }) {
  if (!of.unpriced_calls && !of.unknown_usage_calls) return null;
  return (
    <p className="notice" style={{ margin: 0 }}>
      {of.unpriced_calls > 0 && (
        <>
          Cost is missing for {count(of.unpriced_calls)} of {count(of.calls)} requests: their models have no price.{" "}
          <Link to={"/pricing" as never}>See which, and add one</Link>.{" "}
        </>
      )}
      {of.unknown_usage_calls > 0 && (
        <>{count(of.unknown_usage_calls)} requests reported no usage, so nobody knows their cost.</>
      )}
    </p>
  );
}
