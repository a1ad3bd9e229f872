/** A kind of period in; how to ask what its last three complete ones cost, and these from the answers, out. Sums are exact. */
import { sum } from "../../decimal.ts";
import type { Decimal } from "../../format.ts";
import type { Search } from "../../url.ts";

export const PERIODS = [
  ["day", "Day"],
  ["week", "Week, from Monday"],
  ["month", "Month"],
  ["quarter", "Quarter"],
  ["rolling", "Rolling: the time up to now"],
  ["once", "Once"],
] as const;

export type Period = (typeof PERIODS)[number][0];

export interface Step {
  time: string;
  cost: Decimal | null;
}

export interface Past {
  name: string;
  cost: Decimal | null;
}

const SHOWN = 3;
/** Far enough back for three that are whole, whatever today is. */
const BACK: Record<string, readonly [string, string]> = {
  day: ["now-5d", "day"],
  week: ["now-35d", "week"],
  month: ["now-130d", "month"],
  quarter: ["now-400d", "month"],
};

/** The parameters of `/spend`, one set per question; none for a budget that is there once. */
export function questionsOf(period: Period, window: string, tz: string): Search[] {
  const back = BACK[period];
  if (back) return [{ from: back[0], to: "now", granularity: back[1], tz }];
  const length = /^(\d+)([mhdw])$/.exec(window);
  if (period !== "rolling" || !length) return [];
  const before = (times: number) => `now-${Number(length[1]) * times}${length[2]}`;
  return Array.from({ length: SHOWN }, (_, at) => ({
    from: before(at + 1),
    to: at ? before(at) : "now",
    tz,
  })).reverse();
}

/** The last three periods that are over; the first step of an answer may be cut, the last isn't over. */
export function past(period: Period, steps: readonly Step[], zone: string): Past[] {
  if (period !== "quarter") {
    return steps
      .slice(1, -1)
      .slice(-SHOWN)
      .map((step) => ({ name: dayName(step.time, zone, period), cost: step.cost }));
  }
  const quarters = new Map<string, (Decimal | null)[]>();
  for (const step of steps) {
    const [year, month] = yearAndMonth(step.time, zone);
    const name = `Q${Math.ceil(month / 3)} ${year}`;
    quarters.set(name, [...(quarters.get(name) ?? []), step.cost]);
  }
  return [...quarters]
    .slice(1, -1)
    .slice(-SHOWN)
    .map(([name, costs]) => ({ name, cost: sum(costs) }));
}

function yearAndMonth(iso: string, zone: string): [number, number] {
  const told = new Intl.DateTimeFormat("en-US", { timeZone: zone, year: "numeric", month: "numeric" }).formatToParts(
    new Date(iso),
  );
  const part = (type: string) => Number(told.find((one) => one.type === type)?.value);
  return [part("year"), part("month")];
}

function dayName(iso: string, zone: string, period: Period): string {
  const date = new Date(iso);
  if (period === "month") {
    return new Intl.DateTimeFormat("en-US", { timeZone: zone, month: "short", year: "numeric" }).format(date);
  }
  const day = new Intl.DateTimeFormat("en-US", { timeZone: zone, month: "short", day: "numeric" }).format(date);
  return period === "week" ? `week of ${day}` : day;
}

/** How much of a period is over, from 0 to 1; null where there is no end to reach. */
export function elapsed(start: string, end: string | null, now: number): number | null {
  if (end === null) return null;
  const from = Date.parse(start);
  return Math.min(1, Math.max(0, (now - from) / (Date.parse(end) - from)));
}
