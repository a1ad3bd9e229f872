/** Groups of a range and of the one it is compared with in; the rows of the breakdown, sorted, and as CSV, out. */
import type { Group, Measures, Spend } from "../../api/questions.ts";
import { isRest, named } from "../../charts/series.ts";
import { each, minus } from "../../decimal.ts";
import { approximate } from "../../format.ts";

export interface Row {
  key: string;
  /** As shown; and as filters name it, null where it can't be one. */
  names: string[];
  values: (string | null)[] | null;
  of: Measures;
  before: Measures | undefined;
  share: number | null;
}

export const COLUMNS = [
  ["cost", "Cost"],
  ["delta", "Change"],
  ["calls", "Requests"],
  ["input", "Input"],
  ["cached", "Cached"],
  ["output", "Output"],
  ["each", "Cost / request"],
  ["p95", "p95"],
  ["errors", "Errors"],
] as const;

export type Column = (typeof COLUMNS)[number][0];

function raw(group: Group, dimension: string): string | null {
  const value = (group as unknown as Record<string, unknown>)[dimension];
  return value === null || value === undefined || value === "" ? null : String(value);
}

function keyOf(group: Group, by: readonly string[]): string {
  return JSON.stringify(isRest(group) ? ["others"] : by.map((dimension) => raw(group, dimension)));
}

export function rows(now: Spend, before: Spend | undefined, by: readonly string[]): Row[] {
  const earlier = new Map(before?.groups.map((group) => [keyOf(group, by), group]));
  const all = approximate(now.total.cost_usd);
  const found = now.groups.map((group): Row => {
    const key = keyOf(group, by);
    return {
      key,
      names: isRest(group) ? ["Other", ...by.slice(1).map(() => "")] : by.map((dimension) => named(group, dimension)),
      values: isRest(group) ? null : by.map((dimension) => raw(group, dimension)),
      of: group,
      before: earlier.get(key),
      share: group.cost_usd === null || !all ? null : approximate(group.cost_usd) / all,
    };
  });
  return found;
}

export function costEach(of: Measures): string | null {
  return each(of.cost_usd, of.calls - of.unpriced_calls - of.unknown_usage_calls);
}

/** How much more than before; null where either isn't known. What wasn't there before cost nothing. */
export function difference(row: Row, isCompared: boolean): string | null {
  if (!isCompared || row.of.cost_usd === null) return null;
  const before = row.before ? row.before.cost_usd : "0";
  return before === null ? null : minus(row.of.cost_usd, before);
}

function size(row: Row, column: string): number | null {
  const of = row.of;
  const known = (value: string | null) => (value === null ? null : approximate(value));
  const sizes: Record<Column, () => number | null> = {
    cost: () => known(of.cost_usd),
    delta: () => known(difference(row, true)),
    calls: () => of.calls,
    input: () => of.input_tokens,
    cached: () => of.cached_input_tokens,
    output: () => of.output_tokens,
    each: () => known(costEach(of)),
    p95: () => of.latency_ms.p95,
    errors: () => (of.calls ? of.errors / of.calls : null),
  };
  return (sizes[column as Column] ?? sizes.cost)();
}

/** Ranges of a score stand as their numbers do. */
const ORDER = new Intl.Collator("en", { numeric: true });

/** By a column, `-` in front for the highest first; by name where it isn't one. What is unknown comes last either way. */
export function sorted(found: readonly Row[], sort: string): Row[] {
  const falling = sort.startsWith("-");
  const column = sort.replace(/^-/, "");
  const sign = falling ? -1 : 1;
  if (column === "name") return [...found].sort((a, b) => sign * ORDER.compare(a.names.join("\0"), b.names.join("\0")));
  return [...found].sort((a, b) => {
    const [x, y] = [size(a, column), size(b, column)];
    if (x === null || y === null) return x === y ? 0 : x === null ? 1 : -1;
    return sign * (x - y);
  });
}

/** Parents sorted, each with its own children, sorted likewise; what has no parent comes last. */
export function nested(parents: readonly Row[], children: readonly Row[], sort: string): Row[] {
  const under = new Map<string | null, Row[]>();
  const rest: Row[] = [];
  for (const child of sorted(children, sort)) {
    const parent = child.values?.[0];
    if (parent === undefined) rest.push(child);
    else under.set(parent, [...(under.get(parent) ?? []), child]);
  }
  const of = (parent: Row) => {
    const value = parent.values?.[0];
    const found = value === undefined ? [] : (under.get(value) ?? []);
    return [parent, ...found.map((child) => ({ ...child, names: ["", ...child.names.slice(1)] }))];
  };
  return [
    ...sorted(parents, sort)
      .filter((parent) => parent.values)
      .flatMap(of),
    ...rest,
  ];
}

/** A cell that a spreadsheet would take for a formula begins with an apostrophe. */
function cell(value: string | number | null | undefined): string {
  const text = value === null || value === undefined ? "" : String(value);
  const safe =
    typeof value === "string" && /^[=+\-@\t\r]/.test(text) && !/^-?\d+(\.\d+)?$/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** For billing: exact amounts, and how many calls they leave out. Nothing is written for what nobody knows. */
export function csv(now: Spend, found: readonly Row[], by: readonly string[]): string {
  const names = [...by, "from", "to", "currency", "cost", "input_cost", "output_cost", "requests", "errors"];
  const heading = [
    ...names,
    "input_tokens",
    "cached_input_tokens",
    "output_tokens",
    "unpriced_requests",
    "unknown_requests",
  ];
  const lines = found.map(({ of, values, names: shown }) => [
    ...(values ?? shown),
    now.from,
    now.to,
    "USD",
    of.cost_usd,
    of.input_cost_usd,
    of.output_cost_usd,
    of.calls,
    of.errors,
    of.input_tokens,
    of.cached_input_tokens,
    of.output_tokens,
    of.unpriced_calls,
    of.unknown_usage_calls,
  ]);
  return [heading, ...lines].map((line) => line.map(cell).join(",")).join("\r\n") + "\r\n";
}
