/** The sums of all requests that pass the filters, with what they leave out, and where in time they were spent. */
import { Skeleton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { Measures } from "../../api/questions.ts";
import { usePlace } from "../../app/place.ts";
import { count, duration, exactMoney, money, shortCount } from "../../format.ts";
import { Failure } from "../../ui/Panel.tsx";
import { withFilter, zoneOf } from "../../url.ts";
import { Histogram } from "./Histogram.tsx";
import { sums } from "./questions.ts";

export function Summary({ onJump }: { onJump: (iso: string) => void }) {
  const { search } = usePlace();
  const answer = useQuery(sums(search));
  if (answer.error && !answer.data) {
    return <Failure error={answer.error} retry={() => void answer.refetch()} height={80} />;
  }
  const busy = answer.isPending || answer.isPlaceholderData;
  return (
    <section className="panel summary" aria-label="All requests that pass the filters" aria-busy={busy}>
      <div className="stale">
        {answer.data ? (
          <>
            <Sums of={answer.data.total} />
            <Histogram answer={answer.data} zone={zoneOf(search)} onJump={onJump} />
          </>
        ) : (
          <Skeleton height={84} />
        )}
      </div>
    </section>
  );
}

function Sums({ of }: { of: Measures }) {
  const tokens = (of.input_tokens ?? 0) + (of.output_tokens ?? 0);
  const known = of.input_tokens !== null || of.output_tokens !== null;
  return (
    <dl>
      <Sum title="Requests" exact={`${count(of.calls)} requests, ${count(of.errors)} of them failed`}>
        {shortCount(of.calls)}
      </Sum>
      <Sum title="Cost" exact={exactMoney(of.cost_usd)}>
        {money(of.cost_usd)}
      </Sum>
      <Sum title="Tokens" exact={`${count(of.input_tokens)} prompt, ${count(of.output_tokens)} completion`}>
        {known ? shortCount(tokens) : "—"}
      </Sum>
      <Sum title="p95 latency" exact={`p50 ${duration(of.latency_ms?.p50)}, at most ${duration(of.latency_ms?.max)}`}>
        {duration(of.latency_ms?.p95)}
      </Sum>
      <LeftOut of={of} />
    </dl>
  );
}

function Sum({ title, exact, children }: { title: string; exact: string; children: string }) {
  return (
    <div title={exact}>
      <dt>{title}</dt>
      <dd data-exact={exact}>{children}</dd>
    </div>
  );
}

/** What the cost doesn't cover is never silent. */
function LeftOut({ of }: { of: Measures }) {
  const { search } = usePlace();
  if (!of.unpriced_calls && !of.unknown_usage_calls) return null;
  return (
    <div className="left-out">
      <dt>Not in the cost</dt>
      <dd>
        {of.unpriced_calls > 0 && (
          <Link to={"/requests" as never} search={withFilter(search, "cost_status", "unpriced") as never}>
            {count(of.unpriced_calls)} without a price
          </Link>
        )}
        {of.unpriced_calls > 0 && of.unknown_usage_calls > 0 && ", "}
        {of.unknown_usage_calls > 0 && `${count(of.unknown_usage_calls)} of unknown usage`}
      </dd>
    </div>
  );
}
