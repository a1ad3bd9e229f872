/** Parts of a change in; where their bars hang. */
import { expect, test } from "vitest";
import { scaleStart, waterfall } from "./waterfall.ts";

const PARTS = [
  { part: "volume", usd: "3", about: "" },
  { part: "price", usd: "-1", about: "" },
  { part: "tier", usd: "0", about: "" },
];

test("every bar begins where the one before ended, and the last level is the sum", () => {
  const { bars, start } = waterfall("2", PARTS, "4");
  expect(start).toBe(0);
  expect(bars.map((bar) => [bar.name, bar.kind, bar.left, bar.width])).toEqual([
    ["Before", "level", 0, 0.4],
    ["Volume", "more", 0.4, 0.6],
    ["Price", "less", 0.8, 0.2],
    ["Tier", "same", 0.8, 0],
    ["Now", "level", 0, 0.8],
  ]);
});

test("a small change of a great sum is seen", () => {
  expect(scaleStart([1000, 1010])).toBe(990);
  expect(scaleStart([10, 18])).toBe(0);
});

test("nothing at all is no division by zero", () => {
  expect(waterfall("0", [], "0").bars.every((bar) => bar.width === 0)).toBe(true);
});
