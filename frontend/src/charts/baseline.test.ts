/** Series in; what was usual before each step, and what wasn't. */
import { expect, test } from "vitest";
import { baseline, median, unusual } from "./baseline.ts";

const QUIET = [10, 11, 9, 10, 12, 8, 10, 11, 9, 10];

test("a median is the middle, or between the two middles", () => {
  expect(median([3, 1, 2])).toBe(2);
  expect(median([4, 1, 2, 3])).toBe(2.5);
  expect(median([])).toBe(0);
});

test("of too few steps nobody knows what is usual", () => {
  expect(baseline([1, 2, 3]).middle).toEqual([null, null, null]);
});

test("steps before what is shown are looked at, not shown", () => {
  const band = baseline([...QUIET, 10, 40], QUIET.length);
  expect(band.middle).toEqual([10, 10]);
  expect(band.low[0]).toBeCloseTo(10 - 1.4826, 4);
  expect(band.high[0]).toBeCloseTo(10 + 1.4826, 4);
});

test("a step far outside stands out, an unknown one doesn't", () => {
  const values = [11, 40, null];
  expect(unusual(values, baseline([...QUIET, ...values], QUIET.length))).toEqual([1]);
});

test("where nothing ever varied a small change is not an anomaly", () => {
  const flat = Array.from({ length: 14 }, () => 100);
  expect(unusual([105], baseline([...flat, 105], 14))).toEqual([]);
  expect(unusual([150], baseline([...flat, 150], 14))).toEqual([0]);
});
