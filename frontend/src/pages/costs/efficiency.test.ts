/** Measures in; ratios, unknown where they are. */
import { expect, test } from "vitest";
import type { Measures, Spend } from "../../api/questions.ts";
import { cacheShare, outputToInput, perThousand, ratiosBy, tokensEach } from "./efficiency.ts";

const MEASURES = {
  cost_usd: "0.5",
  calls: 12,
  errors: 1,
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
