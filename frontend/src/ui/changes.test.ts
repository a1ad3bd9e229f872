import { expect, test } from "vitest";
import { changedFields } from "./changes.ts";

test("only what differs is told", () => {
  const before = { name: "ours", limit_usd: "100", filters: { team: ["a"] } };
  expect(changedFields(before, { ...before, limit_usd: "250.5" })).toBe("limit_usd 100 → 250.5");
  expect(changedFields(before, { name: "ours", limit_usd: "100" })).toBe('filters {"team":["a"]} → —');
  expect(changedFields(before, before)).toBe("");
});

test("what was made is told by what was said of it", () => {
  expect(changedFields(null, { name: "ours", note: "", until: null })).toBe("name ours");
  expect(changedFields({ name: "ours" }, null)).toBe("name ours");
});

test("many and long ones are cut", () => {
  const many = Object.fromEntries(Array.from({ length: 9 }, (_, at) => [`f${at}`, at]));
  expect(changedFields(null, many)).toBe("f0 0, f1 1, f2 2, f3 3, f4 4, f5 5 and 3 more");
  expect(changedFields(null, { text: "x".repeat(99) })).toBe(`text ${"x".repeat(60)}…`);
});
