/** Costs over time and what reading from caches cost in; the same lines with that beside them, if there was any, out. */
import type { Over } from "../../charts/series.ts";
import { approximate, isZero } from "../../format.ts";
import type { Cached } from "./questions.ts";

export function withCached(over: Over, cached: Cached | undefined): Over {
  if (!cached?.total.calls || (cached.total.cached_cost_usd !== null && isZero(cached.total.cached_cost_usd)))
    return over;
  const at = new Map(cached.series.map((step) => [step.time, step.cached_cost_usd]));
  const values = over.times.map((time) => {
    const cost = at.get(time) ?? null;
    return cost === null ? null : approximate(cost);
  });
  return { ...over, lines: [...over.lines, { name: "cached_cost", values }] };
}
