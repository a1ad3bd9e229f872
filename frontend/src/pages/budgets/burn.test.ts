import { describe, expect, it } from "vitest";
import { burn } from "./burn.ts";
import type { Budget, Spend } from "./questions.ts";

const of = { period_start: "2026-11-01T00:00:00Z", period_end: "2026-11-05T00:00:00Z", forecast_usd: "0.8" } as Budget;
const step = (day: number, cost: string | null) => ({
  time: `2026-11-0${day}T00:00:00Z`,
  groups: cost === null ? [] : [{ cost_usd: cost }],
});

describe("burn-down", () => {
  const answer = { series: [step(1, "0.1"), step(2, "0.2"), step(3, null), step(4, null)] } as unknown as Spend;
  const found = burn(of, answer, Date.UTC(2026, 10, 2, 12));
  it("adds up exactly and stops now", () => {
    expect(found.spent).toEqual(["0.1", "0.3", null, null]);
    expect(found.times).toHaveLength(4);
  });
  it("ends at the forecast, inside the cone", () => {
    expect(found.forecast.at(-1)).toBeCloseTo(0.8);
    expect(found.forecast.slice(0, 2)).toEqual([null, 0.3]);
    expect(found.low.at(-1)).toBeLessThanOrEqual(0.8);
    expect(found.high.at(-1)).toBeGreaterThanOrEqual(0.8);
  });
});
