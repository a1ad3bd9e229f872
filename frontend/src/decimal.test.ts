import { expect, test } from "vitest";
import { each, minus, plus, sum, times } from "./decimal.ts";

test("what floats would round is exact", () => {
  expect(plus("0.1", "0.2")).toBe("0.3");
  expect(plus("123456789012.000000000000000000000001", "-0.1")).toBe("123456789011.900000000000000000000001");
});

test.each([
  ["18.18263722", "13.93559794", "4.24703928"],
  ["1", "1.0", "0"],
  ["-0.5", "0.25", "-0.75"],
  ["0", "2", "-2"],
])("%s less %s is %s", (a, b, found) => expect(minus(a, b)).toBe(found));

test("of what nobody knows there is no sum, and known parts are added", () => {
  expect(sum([null, undefined])).toBeNull();
  expect(sum([])).toBeNull();
  expect(sum([null, "1.5", "0.5"])).toBe("2");
});

test("a part of nothing is unknown, not zero", () => {
  expect(each("1", 0)).toBeNull();
  expect(each(null, 3)).toBeNull();
  expect(each("1", 3, 6)).toBe("0.333333");
  expect(each("-1", 4)).toBe("-0.25");
  expect(times("0.00035", 1_000_000)).toBe("350");
});
