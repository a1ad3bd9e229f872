/** Words for days, weeks and months, as addresses keep them, in; the dates they begin on in a time zone, out. */
import { clock } from "./clock.ts";

export const DAYS: readonly (readonly [from: string, to: string, title: string])[] = [
  ["today", "now", "Today"],
  ["yesterday", "today", "Yesterday"],
  ["week", "now", "This week"],
  ["last-week", "week", "Last week"],
  ["month", "now", "This month"],
  ["last-month", "month", "Last month"],
];

const DAY_MS = 86_400_000;

const WORDS = new Set(DAYS.map(([word]) => word));

/** The calendar day of a moment, as midnight in UTC: days are counted on from there without clock changes. */
function dayOf(at: number, zone: string): number {
  const { year, month, day } = clock(at, zone);
  return Date.UTC(year, month, day);
}

function written(day: number): string {
  return new Date(day).toISOString().slice(0, 10);
}

/** How many days ago a weekday was, 0 for today; Monday is 0. */
export function daysSince(weekday: number, now: number, zone: string): number {
  return (new Date(dayOf(now, zone)).getUTCDay() + 6 - weekday) % 7;
}

/** The date so many days ago. */
export function dateAgo(days: number, now: number, zone: string): string {
  return written(dayOf(now, zone) - days * DAY_MS);
}

/** The days before yesterday, back to the same weekday a week ago, each from its midnight to the next. */
export function lately(now: number, zone: string): [from: string, to: string][] {
  return [2, 3, 4, 5, 6, 7].map((days) => [dateAgo(days, now, zone), dateAgo(days - 1, now, zone)]);
}

/** The date that begins at a moment; null for a moment within a day. */
export function begun(at: number, zone: string): string | null {
  if (Number.isNaN(at)) return null;
  const date = dateAgo(0, at, zone);
  return midnight(date, zone) === at ? date : null;
}

/** The date a word stands for; null for what is no such word. */
export function dateOf(word: string, now: number, zone: string): string | null {
  if (!WORDS.has(word)) return null;
  const day = dayOf(now, zone);
  const month = (back: number) => Date.UTC(new Date(day).getUTCFullYear(), new Date(day).getUTCMonth() - back, 1);
  const found: Record<string, number> = {
    today: day,
    yesterday: day - DAY_MS,
    week: day - daysSince(0, now, zone) * DAY_MS,
    "last-week": day - (daysSince(0, now, zone) + 7) * DAY_MS,
    month: month(0),
    "last-month": month(1),
  };
  const at = found[word];
  return at === undefined ? null : written(at);
}

/** The moment a date begins in a zone; nights on which clocks change included. */
export function midnight(date: string, zone: string): number {
  const wanted = Date.parse(date);
  // Twice: the offset at the first guess may be that of before a change of clocks.
  let at = wanted;
  for (let turn = 0; turn < 2; turn++) at = wanted - offset(at, zone);
  return at;
}

function offset(at: number, zone: string): number {
  const { year, month, day, hour, minute } = clock(at, zone);
  const local = Date.UTC(year, month, day, hour, minute);
  return local - Math.floor(at / 60_000) * 60_000;
}
