/** The steps of an answer of `/api/v1/spend` in; series over time, at most seven and the rest as one, out. */
import type { Group, Measures, Spend } from "../api/questions.ts";
import { approximate } from "../format.ts";
import { OTHER, SLOTS } from "./palette.ts";

export interface Line {
  name: string;
  /** One per time; null where nothing is known. */
  values: (number | null)[];
}

export interface Over {
  times: string[];
  lines: Line[];
  /** Which ends the range cuts: of those steps only a part is shown. */
  cut?: { first: boolean; last: boolean };
}

export type Measure = (of: Measures) => number | null;

export const cost: Measure = (of) => (of.cost_usd === null ? null : approximate(of.cost_usd));
export const inputCost: Measure = (of) => (of.input_cost_usd === null ? null : approximate(of.input_cost_usd));
export const outputCost: Measure = (of) => (of.output_cost_usd === null ? null : approximate(of.output_cost_usd));
export const callCount: Measure = (of) => of.calls;
export const inputTokens: Measure = (of) => of.input_tokens;
export const cachedTokens: Measure = (of) => of.cached_input_tokens;
export const outputTokens: Measure = (of) => of.output_tokens;

const LENGTHS: Record<string, number> = { minute: 60_000, hour: 3_600_000, day: 86_400_000, week: 604_800_000 };

/** When a step is over. Days that a clock change makes longer or shorter count as 24 hours. */
export function stepEnd(start: string, granularity: string | null): number {
  const at = new Date(start);
  if (granularity === "month") return at.setUTCMonth(at.getUTCMonth() + 1);
  return at.getTime() + (LENGTHS[granularity ?? ""] ?? 0);
}

/** Whether the range begins after its first step does, or ends before its last one is over. */
export function cut(answer: Pick<Spend, "granularity" | "to"> & { from?: string; series: { time: string }[] }) {
  const [first, last] = [answer.series[0]?.time, answer.series.at(-1)?.time];
  return {
    first: first !== undefined && Date.parse(first) < Date.parse(answer.from ?? first),
    last: last !== undefined && Date.parse(answer.to) < stepEnd(last, answer.granularity),
  };
}

/** Whether this group is all that were too many to be told one by one. */
export function isRest(group: Group): boolean {
  return (group as { others?: boolean }).others === true;
}

/** What a group is called: its dimension's value, or a word for none. */
export function named(group: Group, dimension: string): string {
  if (isRest(group)) return OTHER;
  const value = (group as unknown as Record<string, unknown>)[dimension];
  return value === null || value === undefined || value === "" ? none(dimension) : String(value);
}

function none(dimension: string): string {
  return dimension.startsWith("score.") ? "(no score)" : `(no ${dimension.replace("tag.", "")})`;
}

/** The sum of what is known; where nothing is, it is unknown and not zero. */
function added(sum: number | null | undefined, more: number | null): number | null {
  return more === null ? (sum ?? null) : (sum ?? 0) + more;
}

/** What a filter by a group's name is to hold: nothing where nobody said. */
export function filterValue(name: string, dimension: string): string {
  return name === none(dimension) ? "" : name;
}

/** One line per group, the largest of all times first, those past the seventh added up. */
export function byGroup(answer: Spend, dimension: string, measure: Measure): Over {
  const order = [...answer.groups]
    .filter((group) => !isRest(group))
    .map((group) => ({ name: named(group, dimension), size: measure(group) ?? 0 }))
    .sort((a, b) => b.size - a.size);
  const many = order.length > SLOTS || answer.groups.some(isRest);
  const shown = order.slice(0, SLOTS).map((one) => one.name);
  const index = new Map(shown.map((name, at) => [name, at]));
  const lines: Line[] = [...shown, ...(many ? [OTHER] : [])].map((name) => ({ name, values: [] }));
  for (const step of answer.series) {
    for (const line of lines) line.values.push(0);
    const seen = new Set<Line["values"]>();
    for (const group of step.groups) {
      const at = index.get(named(group, dimension)) ?? (many ? shown.length : undefined);
      const values = at === undefined ? undefined : lines[at]?.values;
      if (values) values[values.length - 1] = added(seen.has(values) ? values.at(-1) : undefined, measure(group));
      if (values) seen.add(values);
    }
  }
  return { times: answer.series.map((step) => step.time), lines, cut: cut(answer) };
}

/** An earlier period's lines, step by step under those of now: its own steps have other times. */
export function aligned(before: Over, now: Over): Line[] {
  const steps = now.times.length;
  return before.lines.map((line) => ({
    name: line.name,
    values: Array.from({ length: steps }, (_, step) => line.values[step] ?? null),
  }));
}

/** One line per measure, of all groups together; `none` is what a step without calls has. */
export function byMeasure(answer: Spend, measures: Readonly<Record<string, Measure>>, none: number | null = 0): Over {
  return {
    times: answer.series.map((step) => step.time),
    cut: cut(answer),
    lines: Object.entries(measures).map(([name, measure]) => ({
      name,
      values: answer.series.map(({ total }) => (total.calls ? measure(total) : none)),
    })),
  };
}
