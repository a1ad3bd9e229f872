/** A range and what it is compared with in; that other range, out. */
import { first, instant, previous, type Range, rangeOf, type Search } from "./url.ts";

export const COMPARISONS: readonly (readonly [string, string])[] = [
  ["prev", "Previous period"],
  ["week", "Same period last week"],
  ["month", "Same period last month"],
];

const WEEK_MS = 604_800_000;

/** A month before, on its last day where it has no such day. */
export function monthBefore(at: number): number {
  const date = new Date(at);
  const day = date.getUTCDate();
  date.setUTCDate(1);
  date.setUTCMonth(date.getUTCMonth() - 1);
  const days = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate();
  date.setUTCDate(Math.min(day, days));
  return date.getTime();
}

export function shifted(range: Range, kind: string, now: number): Range {
  if (kind === "prev") return previous(range, now);
  const back = (text: string) => {
    const at = instant(text, now, range.tz);
    return new Date(kind === "week" ? at - WEEK_MS : monthBefore(at)).toISOString();
  };
  return { ...range, from: back(range.from), to: back(range.to) };
}

/** To the minute: so that a question stays the same while its answer is fresh. */
function minute(): number {
  return Math.floor(Date.now() / 60_000) * 60_000;
}

/** What the page is compared with; null when it isn't. */
export function compared(search: Search): Range | null {
  const kind = first(search, "cmp");
  return kind && COMPARISONS.some(([name]) => name === kind) ? shifted(rangeOf(search), kind, minute()) : null;
}

export function comparedName(search: Search): string {
  return COMPARISONS.find(([name]) => name === first(search, "cmp"))?.[1] ?? "No comparison";
}
