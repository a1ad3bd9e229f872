import { expect, test } from "vitest";
import { label, told, verb } from "./filterWords.ts";

test.each([
  ["model", "!gpt-4o", "model is not gpt-4o"],
  ["feature", "", "feature is (none)"],
  ["min_cost", "0.05", "cost ≥ 0.05"],
  ["q", "refund", "text has refund"],
  ["tag.plan", "free", "tag plan is free"],
  ["score.helpful>", "0.8", "score helpful ≥ 0.8"],
  ["score.helpful<", "0.8", "score helpful ≤ 0.8"],
  ["score.tone", "!curt", "score tone is not curt"],
  ["score.tone", "", "score tone is (not judged)"],
])("%s=%s", (name, value, words) => {
  expect(`${label(name)} ${verb(name, value)} ${told(name, value)}`).toBe(words);
});
