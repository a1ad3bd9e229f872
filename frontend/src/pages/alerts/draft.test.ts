import { describe, expect, it } from "vitest";
import { type Draft, draftOf, wanted, wrong } from "./draft.ts";
import type { RuleFields } from "./questions.ts";

const draft = (of: Partial<Draft>) => ({ ...draftOf({ name: "spend" }), limit: "500", ...of });

describe("the form of a rule", () => {
  it("gives back what it was given", () => {
    const rule: RuleFields = {
      name: "latency",
      kind: "latency",
      measure: "latency_p95",
      filters: { environment: ["prod"] },
      by: ["model"],
      window: "30m",
      compare: { ratio: "1.5", past: "7d", ago: "" },
      limit: null,
      critical_limit: null,
      direction: "above",
      sensitivity: "3",
      least_usd: "0.10",
      least_calls: 50,
      severity: "critical",
      channels: ["ops"],
      every: "60s",
      cooldown: "2h",
      remind: "1d",
      quiet_hours: { from: "22:00", to: "07:00", timezone: "UTC", weekdays: ["mon"] },
      enabled: false,
      observe_only: true,
    };
    expect(wanted(draftOf(rule))).toEqual({ ...rule, compare: { ratio: "1.5", past: "7d" } });
  });
  it("leaves out what a kind doesn't know", () => {
    const found = wanted(draft({ kind: "stale_prices", by: ["model"], compared: "ago", criticalLimit: "9" }));
    expect(found).toMatchObject({ by: [], compare: null, limit: null, critical_limit: null, measure: "cost" });
    expect(wanted(draft({ kind: "runaway", measure: "calls" }))).toMatchObject({ measure: "output_tokens" });
  });
  it("says what is wrong, field by field", () => {
    expect(wrong(draft({}))).toEqual({});
    expect(
      Object.keys(wrong(draft({ name: " ", window: "soon", every: "5s", limit: "-1", remind: "x" }))).sort(),
    ).toEqual(["every", "limit", "name", "remind", "window"]);
    expect(wrong(draft({ limit: "" })).limit).toMatch(/compare/);
    expect(wrong(draft({ limit: "", compared: "past", comparedWith: "7d" }))).toEqual({});
    expect(wrong(draft({ kind: "anomaly", sensitivity: "1" })).sensitivity).toMatch(/More than 1/);
    expect(wrong(draft({ kind: "silent", limit: "", window: "30s" })).window).toBe("At least 1m");
    expect(wrong(draft({ quiet: true, quietTo: "22:00", quietDays: [] }))).toMatchObject({
      quietTo: "Not when they begin",
      quietDays: "At least one day",
    });
  });
});
