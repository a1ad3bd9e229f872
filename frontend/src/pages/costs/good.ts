/** Groups of a score in; what one good answer cost, out: all that was judged, by how many were good. */
import { each, sum } from "../../decimal.ts";
import type { Row } from "./rows.ts";

export interface Good {
  /** Of all that somebody judged and whose cost is known. */
  cost: string | null;
  judged: number;
  good: number;
  oneGood: string | null;
  /** Nobody judged them. */
  unjudged: number;
  /** Judged, and nobody knows what they cost: good ones among them aren't counted. */
  unknown: number;
}

export function goodAnswers(found: readonly Row[], chosen: readonly string[]): Good {
  const told = found.filter((row) => row.values?.[0] != null);
  const known = (row: Row) => row.of.calls - row.of.unpriced_calls - row.of.unknown_usage_calls;
  const count = (rows: readonly Row[], size: (row: Row) => number) => rows.reduce((all, row) => all + size(row), 0);
  const good = count(
    told.filter((row) => chosen.includes(row.values?.[0] ?? "")),
    known,
  );
  const cost = sum(told.filter((row) => known(row) > 0).map((row) => row.of.cost_usd));
  return {
    cost,
    judged: count(told, known),
    good,
    oneGood: each(cost, good),
    unjudged: count(
      found.filter((row) => row.values && row.values[0] === null),
      (row) => row.of.calls,
    ),
    unknown: count(told, (row) => row.of.calls) - count(told, known),
  };
}

/** What is good where nobody said: a yes. */
export function usuallyGood(found: readonly Row[]): string[] {
  return found.flatMap((row) => (row.values?.[0] === "True" ? ["True"] : []));
}
