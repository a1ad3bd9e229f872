import { describe, expect, it } from "vitest";
import type { Spend } from "../../api/questions.ts";
import { callsOf, courseOf, drawing, lengthOf, rolling, usual } from "./course.ts";
import type { Incident, Rule } from "./questions.ts";

const NOW = Date.parse("2026-11-20T12:30:00Z");
const incident = (of: Partial<Incident>) =>
  ({ kind: "threshold", group: [], since: "2026-11-20T10:15:00Z", recovered_at: null, ...of }) as Incident;
const rule = (of: Partial<Rule>) => ({ measure: "cost", window: "24h", limit: "500", compare: null, ...of }) as Rule;

describe("the course of an incident", () => {
  it("adds steps up where the limit is one of a window", () => {
    const course = courseOf(incident({}), rule({}), { environment: "prod" }, NOW);
    expect(course).toMatchObject({ window: 24, skip: 23, limit: 500, usual: false });
    expect(course?.asked).toMatchObject({
      environment: "prod",
      from: "2026-11-18T11:00:00.000Z",
      to: "2026-11-20T12:30:00.000Z",
      granularity: "hour",
    });
  });
  it("looks at minutes where the window is short, and at what was refused only", () => {
    const of = incident({
      kind: "rate_limit",
      since: "2026-11-20T12:00:00Z",
      group: [{ dimension: "model", value: null }],
    });
    expect(courseOf(of, rule({ window: "5m", limit: "5" }), {}, NOW)).toMatchObject({ window: 5, limit: 5 });
    expect(callsOf(of, { environment: "prod" })).toEqual({ environment: "prod", model: "", status: "429" });
  });
  it("draws what was usual beside an anomaly, and no limit", () => {
    const course = courseOf(incident({ kind: "anomaly" }), rule({ window: "14d", limit: null }), {}, NOW);
    expect(course).toMatchObject({ usual: true, skip: 168, window: 1, limit: undefined });
  });
  it("has nothing to draw of price data", () => {
    expect(courseOf(incident({ kind: "stale_prices" }), undefined, {}, NOW)).toBeNull();
  });
  it("marks the time of the incident, and keeps the unknown unknown", () => {
    const course = courseOf(incident({}), rule({ window: "1h", limit: null }), {}, NOW);
    if (!course) throw new Error("There is a course.");
    const times = ["09", "10", "11", "12"].map((hour) => `2026-11-20T${hour}:00:00Z`);
    const series = times.map((time, at) => ({ time, total: { calls: at, cost_usd: at === 2 ? null : "1" } }));
    const found = drawing(
      { ...course, skip: 0, usual: false, step: 3_600_000 },
      { series } as unknown as Spend,
      incident({}),
      NOW,
    );
    expect(found.spans).toEqual([[1, 3]]);
    expect(found.over.lines[0]?.values).toEqual([0, 1, null, 1]);
  });
  it("reads lengths, sums windows and finds what was usual", () => {
    expect([lengthOf("90m"), lengthOf("2w"), lengthOf("soon")]).toEqual([5_400_000, 1_209_600_000, 0]);
    expect(rolling([1, 2, null, 4, 5], 2)).toEqual([1, 3, null, null, 9]);
    const band = usual([1, 2, 3, 4, 5, 6, 7, 9], 7);
    expect([band.low, band.middle, band.high]).toEqual([[1], [4], [7]]);
  });
});
