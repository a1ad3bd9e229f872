/** Measures in; how well tokens were used: ratios for drawing and for text, exact amounts of money as text, out. */
import type { Group, Measures, Spend } from "../../api/questions.ts";
import { isRest, type Measure, named, type Over } from "../../charts/series.ts";
import { each, times } from "../../decimal.ts";
import { approximate } from "../../format.ts";
import { costEach } from "./rows.ts";

function ratio(part: number | null, whole: number | null): number | null {
  return part === null || !whole ? null : part / whole;
}

export function tokens(of: Measures): number | null {
  return of.input_tokens === null && of.output_tokens === null
    ? null
    : (of.input_tokens ?? 0) + (of.output_tokens ?? 0);
}

/**
 * Successful calls that told their usage. How many failed ones did nobody says: `unknown_usage_calls` counts those that were cut
 * off, and not those that were refused.
 */
export function told(succeeded: Measures): number {
  return succeeded.calls - succeeded.unknown_usage_calls;
}

/** Of successful calls alone. */
export const tokensEach: Measure = (succeeded) => ratio(tokens(succeeded), told(succeeded));
export const outputToInput: Measure = (of) => ratio(of.output_tokens, of.input_tokens);
export const cacheShare: Measure = (of) => ratio(of.cached_input_tokens, of.input_tokens);
export const promptEach: Measure = (succeeded) => ratio(succeeded.input_tokens, told(succeeded));
export const drawnCostEach: Measure = (of) => known(costEach(of));
export const drawnPerThousand: Measure = (of) => known(perThousand(of));

function known(value: string | null): number | null {
  return value === null ? null : approximate(value);
}

export function perThousand(of: Measures): string | null {
  return of.cost_usd === null ? null : each(times(of.cost_usd, 1000), tokens(of) ?? 0);
}

const isOk = (group: Group) => !isRest(group) && (group as unknown as Record<string, unknown>).status === "ok";

/** Of an answer by status, also: what succeeded, in all. */
export function succeededIn(groups: readonly Group[]): Group | undefined {
  return groups.find(isOk);
}

/** The same answer with successful calls alone. */
export function onlySucceeded(answer: Spend): Spend {
  const series = answer.series.map((step) => ({ ...step, groups: step.groups.filter(isOk) }));
  return { ...answer, groups: answer.groups.filter(isOk), series };
}

/** One line per value, of a ratio: such parts can't be added, so those past `most` are left out. */
export function ratiosBy(answer: Spend, dimension: string, measure: Measure, most = 5): Over {
  const largest = [...answer.groups]
    .filter((group) => !isRest(group) && (group as unknown as Record<string, unknown>)[dimension])
    .sort((a, b) => approximate(b.cost_usd) - approximate(a.cost_usd))
    .slice(0, most)
    .map((group) => named(group, dimension));
  const at = (groups: readonly Group[], name: string) => {
    const group = groups.find((one) => !isRest(one) && named(one, dimension) === name);
    return group ? measure(group) : null;
  };
  return {
    times: answer.series.map((step) => step.time),
    lines: largest.map((name) => ({ name, values: answer.series.map((step) => at(step.groups, name)) })),
  };
}

/** A ratio over time; where there was no call there is none. */
export function ratioOver(answer: Spend, name: string, measure: Measure): Over {
  return {
    times: answer.series.map((step) => step.time),
    lines: [{ name, values: answer.series.map((step) => (step.groups[0] ? measure(step.groups[0]) : null)) }],
  };
}
