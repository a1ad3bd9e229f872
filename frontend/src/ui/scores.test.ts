import { expect, test } from "vitest";
import { likeScore, saidBy } from "./scores.ts";

const nothing = { value: null, label: null, text: null };

test("a score is told in a word", () => {
  expect(saidBy({ ...nothing, value: 0.8333333 })).toBe("0.8333");
  expect(saidBy({ ...nothing, value: 1, label: "True" })).toBe("True");
  expect(saidBy({ ...nothing, text: "x".repeat(50) })).toBe(`${"x".repeat(40)}…`);
  expect(saidBy(nothing)).toBe("—");
});

test("its like has the same label, or a number that is not higher", () => {
  expect(likeScore({ ...nothing, name: "tone", label: "curt" })).toEqual(["score.tone", "curt"]);
  expect(likeScore({ ...nothing, name: "help", value: 0.5 })).toEqual(["score.help<", "0.5"]);
  expect(likeScore({ ...nothing, name: "note" })).toBeNull();
});
