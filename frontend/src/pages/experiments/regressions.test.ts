/** Which items became worse, and the way from one to the next. */
import { expect, it } from "vitest";
import type { Comparison, Item } from "./questions.ts";
import { moved, regressed } from "./regressions.ts";

const item = (changes: Record<string, number>) =>
  ({ runs: { a: { changes: {} }, b: { changes }, c: null } }) as never as Item;
const of = {
  scores: [
    { name: "exact", lower_is_better: false },
    { name: "length", lower_is_better: true },
  ],
} as Comparison;
const rows = [item({}), item({ exact: -1 }), item({ length: -3 }), item({ exact: 1, length: 2 })];

it("a score of which less is better regresses upwards", () => {
  expect(rows.map((row) => regressed(row, of, ""))).toEqual([false, true, false, true]);
  expect(rows.map((row) => regressed(row, of, "length"))).toEqual([false, false, false, true]);
});

it("the next and the one before are found, and nothing beyond the ends", () => {
  expect([-1, 1, 3].map((from) => moved(rows, of, "", from, 1))).toEqual([1, 3, -1]);
  expect([-1, 3, 1].map((from) => moved(rows, of, "", from, -1))).toEqual([3, 1, -1]);
});
