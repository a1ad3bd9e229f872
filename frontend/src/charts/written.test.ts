/** Values of a tooltip in; one precision for all of them. */
import { expect, test } from "vitest";
import { axisValue, column, escaped, lettered, written } from "./written.ts";

test.each([
  [
    [3.31, 0.8739, 1234.5],
    ["$3.31", "$0.87", "$1,234.50"],
  ],
  [
    [3.31, 0.0004],
    ["$3.31", "<$0.01"],
  ],
  [
    [0.012, 0.0049],
    ["$0.012", "$0.005"],
  ],
  [
    [0.5, null, 0],
    ["$0.500", "—", "$0"],
  ],
  [
    [-2, 2],
    ["−$2.00", "$2.00"],
  ],
])("%j is written %j", (values, texts) => expect(column(values, "money")).toEqual(texts));

test("what nobody knows is no zero", () => expect(written(null, "money")).toBe("—"));

test("names are text, never markup", () => expect(escaped("<img src=x>&\"'")).not.toMatch(/[<>"']/));

test.each([
  [180, "money", "$180"],
  [2.5, "money", "$2.5"],
  [0.05, "money", "$0.05"],
  [1200, "money", "$1,200"],
  [0, "money", "$0"],
  [0, "ms", "0"],
  [10_000, "ms", "10 s"],
  [2_500, "ms", "2.5 s"],
  [500, "ms", "500 ms"],
  [0.5, "ms", "0.5 ms"],
  [30_000_000, "count", "30M"],
  [0.4, "share", "40 %"],
] as const)("on an axis %s of %s is %s", (value, unit, text) => expect(axisValue(value, unit)).toBe(text));

test.each(["__proto__", "constructor", "toString"])("%s is drawn without being looked up in a plain object", (name) => {
  expect(lettered(name) in {}).toBe(false);
  expect(lettered(name)).toContain(name);
});

test("any other name is drawn as it is", () => {
  expect(lettered("gpt-4o")).toBe("gpt-4o");
});
