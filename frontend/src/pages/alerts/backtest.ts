/** A back-test's answer and the steps of a chart in; the steps in which it would have fired, and what is drawn of them, out. */
import type { Spend } from "../../api/questions.ts";
import { byMeasure, callCount, cost, outputTokens, type Over } from "../../charts/series.ts";
import type { Unit } from "../../charts/written.ts";
import type { Backtest, RuleFields } from "./questions.ts";

const ERRORS: readonly RuleFields["kind"][] = ["error_rate", "rate_limit"];

export function stepsOf(told: Pick<Backtest, "incidents">, times: readonly string[]): number[] {
  const starts = times.map((time) => Date.parse(time));
  const steps = told.incidents.map((one) => starts.findLastIndex((start) => start <= Date.parse(one.opened_at)));
  return [...new Set(steps.filter((step) => step >= 0))];
}

/** What the days of a kind of rule are looked at by. */
export function toldOver(answer: Spend, kind: RuleFields["kind"]): { over: Over; unit: Unit } {
  if (ERRORS.includes(kind)) return { over: byMeasure(answer, { errors: (of) => of.errors }), unit: "count" };
  if (kind === "runaway") return { over: byMeasure(answer, { output_tokens: outputTokens }), unit: "count" };
  if (kind === "silent" || kind === "latency") return { over: byMeasure(answer, { calls: callCount }), unit: "count" };
  return { over: byMeasure(answer, { cost }), unit: "money" };
}
