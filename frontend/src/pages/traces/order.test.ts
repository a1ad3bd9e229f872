/** Ids of a list in; what stands beside one of them, and how scores are told, out. */
import { expect, test } from "vitest";
import { scoreText } from "./columns.tsx";
import { beside } from "./order.ts";

test("the ends of a list have one neighbour, and what isn't in it has none", () => {
  expect(beside(["a", "b", "c"], "a")).toEqual({ before: null, after: "b" });
  expect(beside(["a", "b", "c"], "c")).toEqual({ before: "b", after: null });
  expect(beside(["a", "b", "c"], "z")).toBeNull();
});

test("a score is its label where all agree, else the average of how many", () => {
  expect(scoreText({ name: "quality", count: 2, average: 0.8512, label: null })).toBe("quality 0.851 (2)");
  expect(scoreText({ name: "category", count: 1, average: null, label: "accurate" })).toBe("category accurate");
});
