/** Measures in; ratios, unknown where they are. */
import { expect, test } from "vitest";
import type { Measures, Spend } from "../../api/questions.ts";
import {
  cacheShare,
  onlySucceeded,
  outputToInput,
  perThousand,
  ratioOver,
  ratiosBy,
  succeededIn,
  tokensEach,
} from "./efficiency.ts";

const MEASURES = {
  cost_usd: "0.5",
  calls: 11,
  errors: 0,
  unknown_usage_calls: 1,
  unpriced_calls: 0,
  input_tokens: 900,
  output_tokens: 100,
  cached_input_tokens: 450,
} as Measures;

test("ratios leave out the calls that told nothing", () => {
  expect(tokensEach(MEASURES)).toBe(100);
  expect(outputToInput(MEASURES)).toBeCloseTo(1 / 9, 10);
  expect(cacheShare(MEASURES)).toBe(0.5);
  expect(perThousand(MEASURES)).toBe("0.5");
});

test("failed calls are in no ratio, whether they were cut off or refused", () => {
  const ok = { ...MEASURES, status: "ok" };
  // Three were cut off, so of unknown usage too; two were refused; one failed and told what it had used.
  const failed = { ...MEASURES, status: "error", calls: 6, errors: 6, unknown_usage_calls: 3, input_tokens: 70 };
  const total = { ...MEASURES, calls: 17, errors: 6, unknown_usage_calls: 4, input_tokens: 970 };
  const groups = [failed, ok];
  const answer = { groups, series: [{ time: "t0", total, groups }] } as unknown as Spend;
  expect(tokensEach(succeededIn(answer.groups)!)).toBe(100);
  expect(ratioOver(onlySucceeded(answer), "tokens", tokensEach).lines[0]?.values).toEqual([100]);
  expect(succeededIn([failed as unknown as Spend["groups"][number]])).toBeUndefined();
});

test("of nothing there is no ratio, and what nobody told is not zero", () => {
  const none = { ...MEASURES, cost_usd: null, input_tokens: null, output_tokens: null, cached_input_tokens: null };
  expect([tokensEach(none), outputToInput(none), cacheShare(none), perThousand(none)]).toEqual([
    null,
    null,
    null,
    null,
  ]);
});

test("a line of ratios has a gap where nothing was called", () => {
  const a = { ...MEASURES, prompt_version: "v1" };
  const b = { ...MEASURES, prompt_version: null };
  const answer = {
    groups: [a, b],
    series: [
      { time: "t0", groups: [a] },
      { time: "t1", groups: [b] },
    ],
  };
  expect(ratiosBy(answer as unknown as Spend, "prompt_version", tokensEach)).toEqual({
    times: ["t0", "t1"],
    lines: [{ name: "v1", values: [100, null] }],
  });
});
