import { expect, test } from "vitest";
import {
  asked,
  carried,
  filtersOf,
  instant,
  parseSearch,
  previous,
  stringifySearch,
  withFilter,
  withoutFilter,
  withoutFilters,
} from "./url.ts";

const NOW = Date.parse("2026-11-20T12:00:00Z");

test.each([
  "?from=now-7d&model=gpt-4o&model=!o4-mini&tag.tenantSlug=acme-corp",
  "?q=a+b%26c&tag.%C3%A4%20".replace("%20", "") + "=%F0%9F%92%A9",
  "?peek=abc-def&sort=-cost&from=2026-11-01T00:00:00Z",
])("%s comes back as it was", (text) => expect(stringifySearch(parseSearch(text))).toBe(text));

test("a filter is added once, and taken away alone", () => {
  const one = withFilter({ from: "now-1h", peek: "x" }, "model", "gpt-4o");
  const two = withFilter(withFilter(one, "model", "o4-mini"), "model", "gpt-4o");
  expect(filtersOf(two)).toEqual([
    { name: "model", value: "gpt-4o" },
    { name: "model", value: "o4-mini" },
  ]);
  expect(two.peek).toBeUndefined();
  expect(withoutFilter(two, "model", "gpt-4o")).toEqual({ from: "now-1h", model: ["o4-mini"] });
  expect(withoutFilters(two)).toEqual({ from: "now-1h" });
});

test("filters and range go along, the view doesn't", () => {
  const search = { from: "now-1h", model: "a", "tag.x": "y", peek: "1", sort: "-cost", cols: "time" };
  expect(carried(search)).toEqual({ from: "now-1h", model: "a", "tag.x": "y" });
  expect(asked({ ...search, tz: "utc" })).toEqual({ from: "now-1h", to: "now", tz: "UTC", model: "a", "tag.x": "y" });
});

test("moments", () => {
  expect(instant("now-24h", NOW)).toBe(NOW - 86_400_000);
  expect(instant("7d", NOW)).toBe(NOW - 7 * 86_400_000);
  expect(instant("2026-11-01", NOW)).toBe(Date.parse("2026-11-01T00:00:00Z"));
  expect(instant("soon", NOW)).toBeNaN();
  expect(previous({ from: "now-24h", to: "now", tz: "UTC" }, NOW)).toEqual({
    from: "2026-11-18T12:00:00.000Z",
    to: "2026-11-19T12:00:00.000Z",
    tz: "UTC",
  });
});
