import { expect, test } from "vitest";
import type { Call } from "../../api/questions.ts";
import { following, isInRange, listed, nanoseconds, similar, startOf } from "./list.ts";
import { unseen } from "../../ui/table/fresh.ts";

const call = (id: string, more: Partial<Call> = {}) => ({ id, ...more }) as Call;

test("a moment keeps its nanoseconds", () => {
  expect(nanoseconds("2026-11-21T06:57:53.210143637Z")).toBe("1795244273210143637");
  expect(nanoseconds("2026-11-21T06:57:53.21Z", 1n)).toBe("1795244273210000001");
  expect(nanoseconds("2026-11-21T06:57:53Z")).toBe("1795244273000000000");
});

test("a list begins where it was told to, and asks for filters, not for what the page looks like", () => {
  const search = { from: "2026-11-01", to: "2026-11-20", at: "2026-11-10T00:00:00.000Z", model: "o4-mini", peek: "x" };
  expect(listed({ ...search, tz: "utc" })).toEqual({
    from: "2026-11-01",
    to: "2026-11-10T00:00:00.000Z",
    tz: "UTC",
    model: "o4-mini",
    sort: "-start_time",
    limit: "100",
  });
  expect(listed({ ...search, sort: "start_time" })).toMatchObject({ from: search.at, to: "2026-11-20" });
  expect(startOf({ ...search, sort: "-cost" })).toBeUndefined();
  expect(startOf({ ...search, at: "2026-12-10T00:00:00Z" })).toBeUndefined();
});

test("a call older than the range, or newer, has no neighbours in it", () => {
  const range = { from: "2026-11-01", to: "2026-11-20", tz: "utc" };
  expect(isInRange(range, "2026-10-31T23:59:59.999Z")).toBe(false);
  expect(isInRange(range, "2026-11-01T00:00:00.000000001Z")).toBe(true);
  expect(isInRange(range, "2026-11-20T00:00:00Z")).toBe(false);
});

test("only what isn't held is new", () => {
  expect(
    unseen(
      [call("c"), call("b"), call("a")],
      (one) => one.id,
      (id) => id === "a",
    ),
  ).toBe(2);
});

test("the neighbour stands right after the call itself, also among calls of the same moment", () => {
  expect(following([call("twin"), call("it"), call("next")], "it")).toBe("next");
  expect(following([call("it")], "it")).toBeUndefined();
  expect(following([call("other")], "gone")).toBe("other");
});

test("calls like this one share what was said of it", () => {
  expect(similar(call("a", { request_model: "gpt-4o", feature: null, prompt_version: "v7" }))).toEqual({
    model: "gpt-4o",
    prompt_version: "v7",
  });
});
