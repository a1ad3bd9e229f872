/** Counters of refused requests in; those told to come again since, out. */
import { expect, test } from "vitest";
import { throttled } from "./intake.ts";

const of = (count: number, reason = "too_many") => [{ what: "requests", reason, count }];

test("only requests that are to come again count, since the last look, also after a new start", () => {
  expect(throttled(of(3), of(8))).toBe(5);
  expect(throttled([], [...of(2), ...of(1, "busy"), ...of(9, "bad_request")])).toBe(3);
  expect(throttled(of(8), of(1))).toBe(1);
});
