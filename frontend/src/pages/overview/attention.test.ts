/** Days, hours, models and budgets in; what is told to need attention, out. */
import { expect, test } from "vitest";
import type { Spend } from "../../api/questions.ts";
import { gravest, ofBudgets, ofDays, ofLimits, ofModels } from "./attention.ts";
import type { Budget } from "./questions.ts";

const DAY_MS = 86_400_000;
const FIRST = Date.parse("2026-11-01T00:00:00Z");

function days(costs: readonly (string | null)[]): Spend {
  const series = costs.map((cost_usd, at) => ({
    time: new Date(FIRST + at * DAY_MS).toISOString(),
    groups: [{ cost_usd, calls: 1 }],
  }));
  return { to: new Date(FIRST + costs.length * DAY_MS - 1).toISOString(), series } as unknown as Spend;
}

const budget = (more: object) =>
  ({
    id: "b",
    name: "All",
    limit_usd: "10",
    spent_usd: "5",
    forecast_usd: null,
    filters: {},
    ...more,
  }) as unknown as Budget;

test("a day that is over and far above the usual is told, with why; one that isn't over is not", () => {
  const usual = Array.from({ length: 12 }, (_, at) => String(10 + (at % 2)));
  const found = ofDays(days([...usual, "40", "2"]), { feature: "chat" }, "UTC");
  expect(found.map((one) => one.what)).toEqual(["Nov 13 was dearer than usual"]);
  expect(found[0]?.search).toEqual({
    feature: "chat",
    from: "2026-11-13T00:00:00.000Z",
    to: "2026-11-14T00:00:00.000Z",
    cmp: "prev",
    why: "all",
  });
  expect(ofDays(days([...usual, "11", "2"]), {}, "UTC")).toEqual([]);
});

test("a budget that is used up comes before one that will not last, and one that will last not at all", () => {
  const found = gravest([
    ...ofBudgets([budget({ status: "ok", forecast_usd: "12" }), budget({ status: "ok", forecast_usd: "9" })]),
    ...ofBudgets([budget({ status: "exceeded", spent_usd: "11" })]),
  ]);
  expect(found.map((one) => one.what)).toEqual(["Budget exceeded: All", "Budget will not last: All"]);
});

test("models without a price and bursts of refusals are told; a few refusals are not", () => {
  const models = {
    groups: [
      { model: "quill", unpriced_calls: 2 },
      { model: "gpt-5", unpriced_calls: 0 },
    ],
  };
  expect(ofModels(models as unknown as Spend).map((one) => one.what)).toEqual(["No price: quill"]);
  const hours = (calls: number) =>
    ({ total: { calls }, series: [{ time: "2026-11-13T08:00:00Z", groups: [{ calls }] }] }) as unknown as Spend;
  expect(ofLimits(hours(4), {})).toEqual([]);
  expect(ofLimits(hours(5), {})[0]?.search).toMatchObject({ status: ["429"], to: "2026-11-13T09:00:00.000Z" });
});
