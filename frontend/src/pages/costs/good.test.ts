/** Groups of a score; what one good answer cost. */
import { expect, test } from "vitest";
import { goodAnswers, usuallyGood } from "./good.ts";
import type { Row } from "./rows.ts";

function row(value: string | null, cost_usd: string | null, calls: number, unpriced_calls = 0): Row {
  const of = { cost_usd, calls, unpriced_calls, unknown_usage_calls: 0 };
  return { key: String(value), names: [String(value)], values: [value], of } as unknown as Row;
}

const FOUND = [
  row("True", "0.000000000000000001", 4, 1),
  row("False", "0.9", 6),
  row(null, "100", 50),
  row("kind", null, 2, 2),
];

test("what bad answers cost is part of what good ones do, and what nobody judged is not", () => {
  const found = goodAnswers(FOUND, ["True"]);
  expect(found).toEqual({
    cost: "0.900000000000000001",
    judged: 9,
    good: 3,
    oneGood: "0.3",
    unjudged: 50,
    unknown: 3,
  });
});

test("where none is good, nobody knows what one costs", () => {
  expect(goodAnswers(FOUND, []).oneGood).toBeNull();
  expect(goodAnswers([row("True", null, 3, 3)], ["True"])).toMatchObject({ cost: null, good: 0, oneGood: null });
  expect(usuallyGood(FOUND)).toEqual(["True"]);
});
