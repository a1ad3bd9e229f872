/** Moments in; the clocks of zones as the browser's own tables tell them, out. */
import { expect, test } from "vitest";
import { clock, home } from "./clock.ts";
import { count, dayName, moment, shortCount } from "./format.ts";

const ZONES = [
  "UTC",
  home(),
  "Europe/Berlin",
  "America/New_York",
  "Asia/Kolkata",
  "Pacific/Apia",
  "Australia/Lord_Howe",
];
const HOUR = 3_600_000;
const MOMENTS = [
  Date.UTC(2026, 2, 29, 0, 59, 59),
  Date.UTC(2026, 2, 29, 1),
  Date.UTC(2026, 9, 25, 0, 30),
  Date.UTC(2025, 11, 31, 23, 59, 59),
  ...Array.from({ length: 60 }, (_, at) => Date.UTC(2024, 1, 28) + at * 401 * HOUR),
];

test.each(ZONES)("in %s it is what the tables of languages say", (zone) => {
  const long = new Intl.DateTimeFormat("en-US", {
    timeZone: zone,
    month: "short",
    day: "numeric",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    hourCycle: "h23",
  });
  const day = new Intl.DateTimeFormat("en-US", { timeZone: zone, weekday: "short", month: "short", day: "numeric" });
  const years = new Intl.DateTimeFormat("en-US", { timeZone: zone, year: "numeric" });
  for (const at of MOMENTS) {
    expect(moment(new Date(at).toISOString(), zone)).toBe(long.format(at).replace(",", ""));
    expect(dayName(at, zone)).toBe(day.format(at));
    expect(String(clock(at, zone).year)).toBe(years.format(at));
  }
});

test("numbers are written as the tables of languages have them", () => {
  const whole = new Intl.NumberFormat("en-US");
  const short = new Intl.NumberFormat("en-US", { notation: "compact", maximumFractionDigits: 1 });
  const all = [
    0, 7, 999, 1_000, 9_999, 10_000, 10_049, 12_345, 99_950, 982_137, 999_900, 999_950, 999_999, 1_049_999, 111_600_000,
  ];
  for (const one of [...all, 999_949_999, 999_950_000, 4_500_000_000, 12_345_678_901_234]) {
    expect(count(one)).toBe(whole.format(one));
    expect(shortCount(one)).toBe(one < 10_000 ? whole.format(one) : short.format(one));
  }
});
