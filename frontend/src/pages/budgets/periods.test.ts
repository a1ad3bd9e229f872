import { describe, expect, it } from "vitest";
import { elapsed, past, questionsOf } from "./periods.ts";

const step = (time: string, cost: string | null) => ({ time, cost });

describe("the last three periods", () => {
  it("leaves out the cut first and the running last", () => {
    const steps = ["14", "15", "16", "17", "18", "19"].map((day) => step(`2026-11-${day}T00:00:00Z`, `0.${day}`));
    expect(past("day", steps, "UTC")).toEqual([
      { name: "Nov 16", cost: "0.16" },
      { name: "Nov 17", cost: "0.17" },
      { name: "Nov 18", cost: "0.18" },
    ]);
  });
  it("adds months to quarters exactly, and what nobody knows stays unknown", () => {
    const costs = ["9", "0.1", "0.2", null, null, null, null, "1", "2"];
    const months = ["03", "04", "05", "06", "07", "08", "09", "10", "11"];
    const steps = months.map((month, at) => step(`2026-${month}-01T00:00:00Z`, costs[at] ?? null));
    expect(past("quarter", steps, "UTC")).toEqual([
      { name: "Q2 2026", cost: "0.3" },
      { name: "Q3 2026", cost: null },
    ]);
  });
  it("asks for each rolling window by itself", () => {
    expect(questionsOf("rolling", "24h", "UTC").map(({ from, to }) => [from, to])).toEqual([
      ["now-72h", "now-48h"],
      ["now-48h", "now-24h"],
      ["now-24h", "now"],
    ]);
    expect(questionsOf("rolling", "soon", "UTC")).toEqual([]);
    expect(questionsOf("once", "", "UTC")).toEqual([]);
  });
  it("tells how much of a period is over", () => {
    expect(elapsed("2026-11-01T00:00:00Z", "2026-11-11T00:00:00Z", Date.UTC(2026, 10, 4))).toBeCloseTo(0.3);
    expect(elapsed("2026-11-01T00:00:00Z", null, 0)).toBeNull();
  });
});
