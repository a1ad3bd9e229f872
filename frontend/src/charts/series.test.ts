/** Answers of the API in; the lines of charts, and which steps are only a part. */
import { expect, test } from "vitest";
import type { Spend } from "../api/questions.ts";
import { aligned, byGroup, cost, cut, stepEnd } from "./series.ts";

function group(model: string, cost_usd: string | null, more: object = {}) {
  return { model, cost_usd, calls: 1, ...more };
}

function answer(groups: object[], series: { time: string; groups: object[] }[]): Spend {
  const range = {
    from: "2026-11-01T12:00:00Z",
    to: "2026-11-02T06:00:00Z",
    tz: "UTC",
    granularity: "day",
    by: ["model"],
  };
  return { ...range, total: group("", "1"), groups, series } as unknown as Spend;
}

const DAYS = [{ time: "2026-11-01T00:00:00Z" }, { time: "2026-11-02T00:00:00Z" }];

test("both ends of a range that begins and ends within a day are parts", () => {
  expect(cut({ from: "2026-11-01T12:00:00Z", to: "2026-11-02T06:00:00Z", granularity: "day", series: DAYS })).toEqual({
    first: true,
    last: true,
  });
  expect(cut({ from: "2026-11-01T00:00:00Z", to: "2026-11-03T00:00:00Z", granularity: "day", series: DAYS })).toEqual({
    first: false,
    last: false,
  });
});

test("a month is over when the next begins", () => {
  expect(new Date(stepEnd("2026-02-01T00:00:00Z", "month")).toISOString()).toBe("2026-03-01T00:00:00.000Z");
});

test("the dearest come first, and those past the seventh are one", () => {
  const groups = Array.from({ length: 9 }, (_, at) => group(`m${at}`, `${9 - at}`));
  const over = byGroup(answer(groups, [{ time: "2026-11-01T00:00:00Z", groups }]), "model", cost);
  expect(over.lines.map((line) => line.name)).toEqual(["m0", "m1", "m2", "m3", "m4", "m5", "m6", "Other"]);
  expect(over.lines.at(-1)?.values).toEqual([3]);
});

test("a cost that nobody knows is a gap, beside what is known it is left out, and no calls cost nothing", () => {
  const groups = [
    group("priced", "3"),
    group("unpriced", null),
    ...Array.from({ length: 6 }, (_, at) => group(`m${at}`, "2")),
  ];
  const series = [
    { ...DAYS[0], groups: [group("priced", "3"), group("unpriced", null)] },
    { ...DAYS[1], groups: [group("m5", "1"), group("unpriced", null)] },
  ];
  const over = byGroup(answer(groups, series as never), "model", cost);
  const values = new Map(over.lines.map((line) => [line.name, line.values]));
  expect(values.get("priced")).toEqual([3, 0]);
  expect(values.get("m5")).toEqual([0, 1]);
  expect(values.get("Other")).toEqual([null, null]);
});

test("an earlier period is drawn step by step, and ends where it has no more steps", () => {
  const over = (values: number[]) => ({ times: values.map(String), lines: [{ name: "cost", values }] });
  expect(aligned(over([1, 2, 3]), over([5, 6]))[0]?.values).toEqual([1, 2]);
  expect(aligned(over([1]), over([5, 6]))[0]?.values).toEqual([1, null]);
});
