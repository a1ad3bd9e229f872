/** One item in one run in; what was answered, marked where it differs from the baseline, with its scores and cost, out. */
import { Link } from "@tanstack/react-router";
import { useMemo } from "react";
import { cellMoney, duration, exactMoney } from "../../format.ts";
import { difference } from "../prompts/difference.ts";
import type { Cell, ComparedScore } from "./questions.ts";
import { saidOf, signed, textOf } from "./words.ts";

interface AnsweredProps {
  of: Cell | null;
  /** The baseline's; null of the baseline itself. */
  base: Cell | null;
  scores: readonly ComparedScore[];
}

export function Answered({ of, base, scores }: AnsweredProps) {
  if (!of) return <p className="muted">Not run.</p>;
  const change = of.cost_change_usd;
  return (
    <>
      {of.error ? (
        <p className="bad">{of.error}</p>
      ) : (
        <Output after={textOf(of.output)} before={base && !base.error ? textOf(base.output) : ""} />
      )}
      <dl className="told">
        {scores.map((score) => (
          <Said key={score.name} of={of} score={score} />
        ))}
      </dl>
      <p className="took num">
        <span title={exactMoney(of.cost_usd)}>{cellMoney(of.cost_usd)}</span>
        {base && change !== null && (
          <span className="muted" title={exactMoney(change)}>
            {change.startsWith("-") ? cellMoney(change) : `+${cellMoney(change)}`}
          </span>
        )}
        <span>{duration(of.latency_ms)}</span>
        {of.trace_id && <Link to={`/traces/${of.trace_id}` as never}>Trace</Link>}
      </p>
    </>
  );
}

function Said({ of, score }: { of: Cell; score: ComparedScore }) {
  const value = of.scores[score.name];
  const change = of.changes[score.name];
  const isWorse = change !== undefined && (score.lower_is_better ? change > 0 : change < 0);
  return (
    <div>
      <dt>{score.name}</dt>
      <dd className={isWorse ? "bad" : ""}>
        {value === undefined ? "—" : saidOf(value)}
        {change ? ` (${signed(change)})` : ""}
      </dd>
    </div>
  );
}

/** What is asked and expected. */
export function Text({ name, value }: { name: string; value: unknown }) {
  const text = textOf(value);
  if (!text) return null;
  return (
    <p className="text">
      <span className="muted">{name}: </span>
      {text}
    </p>
  );
}

/** With nothing to compare it with it is plain. */
function Output({ after, before }: { after: string; before: string }) {
  const parts = useMemo(
    () => (before && after ? difference(before, after) : [{ kind: "same" as const, text: after }]),
    [after, before],
  );
  if (!after) return <p className="muted">No output is kept.</p>;
  return (
    <p className="text">
      {parts.map((part, at) =>
        part.kind === "same" ? (
          <span key={at}>{part.text}</span>
        ) : part.kind === "gone" ? (
          <del key={at}>{part.text}</del>
        ) : (
          <ins key={at}>{part.text}</ins>
        ),
      )}
    </p>
  );
}
