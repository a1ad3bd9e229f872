/** Costs and what caches took of them in; a third line where there is any, unknown where it is. */
import { expect, test } from "vitest";
import type { Over } from "../../charts/series.ts";
import { withCached } from "./cached.ts";
import type { Cached } from "./questions.ts";

const OVER: Over = { times: ["t0", "t1", "t2"], lines: [{ name: "input_cost", values: [3, 4, 5] }] };
const of = (total: [number, string | null], ...steps: [string, string | null][]) =>
  ({
    total: { calls: total[0], uncovered_calls: 0, cached_cost_usd: total[1] },
    series: steps.map(([time, cached_cost_usd]) => ({ time, calls: 1, uncovered_calls: 0, cached_cost_usd })),
  }) as unknown as Cached;

test("what was read stands beside its step, and a step nobody knows is no zero", () => {
  const lines = withCached(OVER, of([2, "0.5"], ["t1", "0.5"], ["t0", "0"], ["t2", null])).lines;
  expect(lines.at(-1)).toEqual({ name: "cached_cost", values: [0, 0.5, null] });
});

test("where nothing was read there is no line", () => {
  expect(withCached(OVER, of([0, "0"], ["t0", "0"]))).toBe(OVER);
  expect(withCached(OVER, of([3, "0"], ["t0", "0"]))).toBe(OVER);
  expect(withCached(OVER, undefined)).toBe(OVER);
  expect(withCached(OVER, of([3, null], ["t0", null])).lines).toHaveLength(2);
});
