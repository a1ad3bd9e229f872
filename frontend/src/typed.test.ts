/** Ranges as people type them, and words for days, in; what addresses and the API get, out. */
import { expect, test } from "vitest";
import { dateOf, midnight } from "./calendar.ts";
import { typed } from "./typed.ts";
import { asked, instant } from "./url.ts";

/** A Friday; in Auckland it is Saturday already. */
const NOW = Date.parse("2026-11-20T12:30:00Z");

test.each([
  ["last 3d", "now-3d", "now"],
  ["12 hours", "now-12h", "now"],
  ["yesterday", "yesterday", "today"],
  ["This Week", "week", "now"],
  ["tuesday", "2026-11-17", "2026-11-18"],
  ["fri", "2026-11-20", "2026-11-21"],
  ["mon - wed", "2026-11-16", "2026-11-19"],
  ["nov 1 - nov 7", "2026-11-01", "2026-11-08"],
  ["3 december", "2025-12-03", "2025-12-04"],
  ["2026-10-01 to 2026-10-31", "2026-10-01", "2026-11-01"],
  ["2026-11-01T08:30:00Z - now", "2026-11-01T08:30:00Z", "now"],
])("%s", (text, from, to) => expect(typed(text, NOW, "UTC")).toEqual({ from, to }));

test.each(["", "soon", "nov 31", "nov 7 - nov 1", "a - b - c", "3 parsecs"])("%s is no range", (text) =>
  expect(typed(text, NOW, "UTC")).toBeNull(),
);

test("days begin where the zone says, weeks on Monday, and the night clocks change is right", () => {
  expect(dateOf("today", NOW, "Pacific/Auckland")).toBe("2026-11-21");
  expect(dateOf("week", NOW, "UTC")).toBe("2026-11-16");
  expect(dateOf("last-week", NOW, "UTC")).toBe("2026-11-09");
  expect(dateOf("last-month", Date.parse("2026-01-15T00:00:00Z"), "UTC")).toBe("2025-12-01");
  expect(new Date(midnight("2026-10-25", "Europe/Berlin")).toISOString()).toBe("2026-10-24T22:00:00.000Z");
  expect(new Date(midnight("2026-10-26", "Europe/Berlin")).toISOString()).toBe("2026-10-25T23:00:00.000Z");
  expect(instant("2026-11-01", NOW, "America/New_York")).toBe(Date.parse("2026-11-01T04:00:00Z"));
});

test("the address keeps the word, the API is asked for the date", () => {
  const { from, to, tz } = asked({ from: "yesterday", to: "today", tz: "utc" });
  expect(tz).toBe("UTC");
  expect(Date.parse(String(to)) - Date.parse(String(from))).toBe(86_400_000);
});
