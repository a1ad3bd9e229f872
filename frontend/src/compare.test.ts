/** Ranges in; the ranges they are compared with. */
import { expect, test } from "vitest";
import { monthBefore, shifted } from "./compare.ts";

const NOW = Date.parse("2026-03-31T12:00:00Z");
const WEEK = { from: "now-7d", to: "now", tz: "UTC" };

test("the previous period ends where the range begins", () => {
  expect(shifted(WEEK, "prev", NOW)).toMatchObject({
    from: "2026-03-17T12:00:00.000Z",
    to: "2026-03-24T12:00:00.000Z",
  });
});

test("a week before keeps days of the week", () => {
  expect(shifted({ ...WEEK, from: "2026-03-30T00:00:00Z", to: "now" }, "week", NOW)).toMatchObject({
    from: "2026-03-23T00:00:00.000Z",
    to: "2026-03-24T12:00:00.000Z",
  });
});

test("the month before the 31st of March is the 28th of February", () => {
  expect(new Date(monthBefore(NOW)).toISOString()).toBe("2026-02-28T12:00:00.000Z");
  expect(new Date(monthBefore(Date.parse("2026-01-15T00:00:00Z"))).toISOString()).toBe("2025-12-15T00:00:00.000Z");
});
