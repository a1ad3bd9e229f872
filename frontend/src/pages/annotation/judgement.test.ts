/** What somebody filled in; the scores that are sent. */
import { expect, test } from "vitest";
import { allowed, judgement } from "./judgement.ts";
import type { Config } from "./questions.ts";

function config(id: string, data_type: Config["data_type"], more: Partial<Config> = {}): Config {
  return { id, name: id, data_type, is_archived: false, created_at: "", updated_at: "", ...more };
}

const KNOWN = [
  config("stars", "NUMERIC", { min_value: 1, max_value: 5 }),
  config("right", "BOOLEAN"),
  config("tone", "CATEGORICAL", { categories: [{ label: "kind", value: 1 }] }),
  config("better", "TEXT"),
];

test("what was filled in becomes scores of the trace, what wasn't becomes none", () => {
  const { scores, errors } = judgement(
    KNOWN,
    { stars: "4.5", right: "no", better: " " },
    { trace_id: "a" },
    " so ",
    "me",
  );
  expect(errors).toEqual({});
  expect(scores.map(({ name, value, data_type }) => [name, value, data_type])).toEqual([
    ["stars", 4.5, "NUMERIC"],
    ["right", false, "BOOLEAN"],
  ]);
  expect(scores[0]).toMatchObject({
    trace_id: "a",
    source: "ANNOTATION",
    comment: "so",
    author: "me",
    config_id: "stars",
  });
});

test("a number beyond what is allowed is said so, and isn't sent", () => {
  for (const wrong of ["6", "0.9", "many"]) {
    const { scores, errors } = judgement(KNOWN, { stars: wrong }, {}, "", "");
    expect([scores, errors]).toEqual([[], { stars: "1 to 5." }]);
  }
  expect(KNOWN.map(allowed)).toEqual(["1 to 5", "yes or no", "kind", "any text"]);
  expect(allowed(config("n", "NUMERIC", { min_value: 0 }))).toBe("0 or more");
  expect(allowed(config("n", "NUMERIC", { max_value: 0 }))).toBe("0 or less");
  expect(allowed(config("n", "NUMERIC"))).toBe("any number");
});
