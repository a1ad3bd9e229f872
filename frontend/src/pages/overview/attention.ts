/** What the last days, hours and budgets tell in; what somebody should look at, the gravest first, out. */
import type { Spend } from "../../api/questions.ts";
import { baseline, unusual, WINDOW } from "../../charts/baseline.ts";
import { cost, isRest, named, stepEnd } from "../../charts/series.ts";
import { approximate, count, moment, money, percent } from "../../format.ts";
import { type Search, withFilter, withRange } from "../../url.ts";
import type { Budget } from "./questions.ts";

export interface Item {
  kind: "error" | "warning";
  what: string;
  about: string;
  path: string;
  search: Search;
}

/** So many refusals within an hour are no accident. */
const BURST = 5;
const SHOWN = 3;

export function ofBudgets(all: readonly Budget[]): Item[] {
  return all.flatMap((of): Item[] => {
    const spent = `${money(of.spent_usd)} of ${money(of.limit_usd)}`;
    const on = { path: `/budgets/${of.id}`, search: {} };
    if (of.status === "exceeded") return [{ kind: "error", what: `Budget exceeded: ${of.name}`, about: spent, ...on }];
    if (of.status === "warning") return [{ kind: "warning", what: `Budget warning: ${of.name}`, about: spent, ...on }];
    if (of.forecast_usd === null || approximate(of.forecast_usd) <= approximate(of.limit_usd)) return [];
    const about = `${spent}, forecast ${money(of.forecast_usd)}`;
    return [{ kind: "warning", what: `Budget will not last: ${of.name}`, about, ...on }];
  });
}

/** Days that are over and cost far more than the two weeks before them; only the latest two are news. */
export function ofDays(days: Spend, search: Search, zone: string): Item[] {
  const whole = days.series.filter((step) => stepEnd(step.time, "day") <= Date.parse(days.to)).slice(1);
  const sums = whole.map((step) => (step.groups[0] ? cost(step.groups[0]) : 0));
  const band = baseline(sums);
  return unusual(sums, band)
    .filter((at) => at >= sums.length - 2)
    .map((at): Item => {
      const [value, usual, start] = [sums[at] ?? 0, band.middle[at] ?? 0, whole[at]?.time ?? ""];
      const day = new Date(stepEnd(start, "day")).toISOString();
      const than = value > usual ? "dearer" : "cheaper";
      return {
        kind: "warning",
        what: `${moment(start, zone, false).replace(/ \d\d:\d\d$/, "")} was ${than} than usual`,
        about: `${usual ? percent(Math.abs(value - usual) / usual) : ""} off the median of ${Math.min(at, WINDOW)} days: why?`,
        path: "/costs",
        search: { ...withRange(search, start, day), cmp: "prev", why: "all" },
      };
    });
}

export function ofModels(models: Spend): Item[] {
  const without = models.groups.filter((group) => !isRest(group) && group.unpriced_calls > 0);
  return without.slice(0, SHOWN).map((group): Item => ({
    kind: "warning",
    what: `No price: ${named(group, "model")}`,
    about: `${count(group.unpriced_calls)} ${group.unpriced_calls === 1 ? "call" : "calls"} of the last 7 days ${group.unpriced_calls === 1 ? "is" : "are"} in no sum`,
    path: "/pricing",
    search: {},
  }));
}

export function ofLimits(hours: Spend, search: Search): Item[] {
  const worst = hours.series
    .map((step) => ({ time: step.time, calls: step.groups[0]?.calls ?? 0 }))
    .sort((a, b) => b.calls - a.calls)[0];
  if (!worst || worst.calls < BURST) return [];
  const end = new Date(stepEnd(worst.time, "hour")).toISOString();
  return [
    {
      kind: "warning",
      what: `${count(worst.calls)} calls refused by a provider's rate limit within an hour`,
      about: `${count(hours.total.calls)} in the last 24 hours`,
      path: "/requests",
      search: withFilter(withRange(search, worst.time, end), "status", "429"),
    },
  ];
}

export function gravest(items: readonly Item[]): Item[] {
  return [...items].sort((a, b) => Number(b.kind === "error") - Number(a.kind === "error"));
}
