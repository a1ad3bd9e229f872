/** The line of the runs that none beats. */
import { expect, it } from "vitest";
import { line, type Point } from "./scatter.ts";

it("goes from the cheapest on, without what is not known", () => {
  const point = (cost: string | null, quality: number | null, isOnFront = true): Point => ({
    name: "run",
    slot: 0,
    cost,
    quality,
    isOnFront,
  });
  const told = [point("0.02", 0.9), point("0.01", 0.8), point("0.015", 0.5, false), point(null, 1), point("0.3", null)];
  expect(line(told)).toEqual([
    [0.01, 0.8],
    [0.02, 0.9],
  ]);
});
