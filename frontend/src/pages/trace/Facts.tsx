/** A tree in; what the trace is as a whole, and what its sums leave out, out. */
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { usePlace } from "../../app/place.ts";
import { count, duration, exactMoney, moment, money, shortCount } from "../../format.ts";
import { ScoreChips } from "../../ui/ScoreChips.tsx";
import { carried, zoneOf } from "../../url.ts";
import { Copy } from "./Copy.tsx";
import type { Tree } from "./tree.ts";

export function Facts({ tree, id }: { tree: Tree; id: string }) {
  const { search } = usePlace();
  const { told } = tree;
  const tokens = (told.input_tokens ?? 0) + (told.output_tokens ?? 0);
  const known = told.input_tokens !== null || told.output_tokens !== null;
  const uncovered = told.unpriced_calls + told.unknown_usage_calls;
  const along = carried(search);
  return (
    <section className="panel whole" aria-label="The trace as a whole">
      <dl>
        <Fact
          name="Total cost"
          hint={`${exactMoney(told.cost_usd)}${uncovered ? `, without ${count(uncovered)} calls` : ""}`}
        >
          <strong data-exact={told.cost_usd ?? ""}>
            {told.cost_usd === null ? "— no price" : money(told.cost_usd)}
          </strong>
        </Fact>
        <Fact name="Duration" hint={`${tree.total / 1000} ms`}>
          {duration(tree.total / 1000)}
        </Fact>
        <Fact name="Tokens" hint={`${count(told.input_tokens)} in, ${count(told.output_tokens)} out`}>
          {known ? shortCount(tokens) : "—"}
        </Fact>
        <Fact name="LLM calls">{count(told.calls)}</Fact>
        <Fact name="Spans">{count(told.span_count)}</Fact>
        <Fact name="Errors">{told.errors ? <span className="bad">{count(told.errors)}</span> : "0"}</Fact>
        {told.start_time && (
          <Fact name="Start" hint={told.start_time}>
            <time dateTime={told.start_time}>{moment(told.start_time, zoneOf(search))}</time>
          </Fact>
        )}
        {told.environment && <Fact name="Environment">{told.environment}</Fact>}
        {told.feature && <Fact name="Feature">{told.feature}</Fact>}
        {told.user_id && (
          <Fact name="User">
            <Link to={`/users/${encodeURIComponent(told.user_id)}` as never} search={along as never}>
              {told.user_id}
            </Link>
          </Fact>
        )}
        {told.session_id && (
          <Fact name="Session">
            <Link to={`/sessions/${encodeURIComponent(told.session_id)}` as never} search={along as never}>
              {told.session_id}
            </Link>
          </Fact>
        )}
        <Fact name="Trace id">
          <Copy text={id} short />
        </Fact>
      </dl>
      {told.scores.length > 0 && <ScoreChips of={told.scores} />}
      <Notices tree={tree} along={along} />
    </section>
  );
}

function Notices({ tree, along }: { tree: Tree; along: ReturnType<typeof carried> }) {
  const { told } = tree;
  const notices: ReactNode[] = [];
  if (told.orphans)
    notices.push(
      `Incomplete: ${count(told.orphans)} ${told.orphans === 1 ? "span misses its" : "spans miss their"} parent.`,
    );
  if (told.truncated)
    notices.push(`Only the earliest ${count(tree.count)} of ${count(told.span_count)} spans are shown.`);
  if (told.unpriced_calls)
    notices.push(
      <>
        Cost is missing for {count(told.unpriced_calls)} of {count(told.calls)} calls: their models have no price.{" "}
        <Link to={"/pricing" as never}>Pricing</Link>
      </>,
    );
  if (told.unknown_usage_calls)
    notices.push(`${count(told.unknown_usage_calls)} calls reported no usage, so nobody knows their cost.`);
  for (const other of told.linked_traces)
    notices.push(
      <>
        {count(other.calls)} calls are told of twice:{" "}
        {other.relation === "owns" ? "they are counted in trace " : "they are counted here and not in trace "}
        <Link to={`/traces/${other.trace_id}` as never} search={along as never} className="mono">
          {other.trace_id.slice(0, 8)}
        </Link>
      </>,
    );
  if (!notices.length) return null;
  return (
    <ul className="notice">
      {notices.map((notice, at) => (
        <li key={at}>{notice}</li>
      ))}
    </ul>
  );
}

function Fact({ name, hint, children }: { name: string; hint?: string; children: ReactNode }) {
  return (
    <div title={hint}>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
