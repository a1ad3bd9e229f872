import { expect, test } from "vitest";
import { begun, lately } from "./calendar.ts";

const NOW = Date.parse("2026-03-30T08:00:00Z");

test("the days before yesterday go back a week, each to the midnight that follows", () => {
  expect(lately(NOW, "Europe/Berlin")).toEqual([
    ["2026-03-28", "2026-03-29"],
    ["2026-03-27", "2026-03-28"],
    ["2026-03-26", "2026-03-27"],
    ["2026-03-25", "2026-03-26"],
    ["2026-03-24", "2026-03-25"],
    ["2026-03-23", "2026-03-24"],
  ]);
});

test.each([
  ["2026-03-28T23:00:00Z", "Europe/Berlin", "2026-03-29"],
  // The day on which clocks change begins by the old time, and the next one by the new.
  ["2026-03-29T22:00:00Z", "Europe/Berlin", "2026-03-30"],
  ["2026-03-29T22:00:00Z", "UTC", null],
  ["2026-03-29T00:00:00Z", "UTC", "2026-03-29"],
  ["2026-03-29T00:00:01Z", "UTC", null],
  ["nonsense", "UTC", null],
])("%s in %s begins %s", (at, zone, date) => {
  expect(begun(Date.parse(at), zone)).toBe(date);
});
