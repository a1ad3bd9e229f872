/** A moment and a time zone in; what the clock and the calendar on the wall there show, out. */

export interface Clock {
  year: number;
  /** From 0, as `Date` counts them. */
  month: number;
  day: number;
  /** From 0 for Sunday. */
  weekday: number;
  hour: number;
  minute: number;
  second: number;
}

interface Temporal {
  Now: { timeZoneId(): string };
}

/** Asked once, and where it can be without the browser's tables of languages: the first use of those takes a tenth of a cold page. */
let zone: string | undefined;

export function home(): string {
  const temporal = (globalThis as { Temporal?: Temporal }).Temporal;
  return (zone ??= temporal?.Now.timeZoneId() || Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC");
}

/** Here and in UTC every date knows its clock; only other zones need the browser's tables. */
export function clock(at: number, zone: string): Clock {
  if (zone === "UTC" || zone === "utc") return inUtc(new Date(at));
  if (zone !== home()) return elsewhere(at, zone);
  const date = new Date(at);
  return {
    year: date.getFullYear(),
    month: date.getMonth(),
    day: date.getDate(),
    weekday: date.getDay(),
    hour: date.getHours(),
    minute: date.getMinutes(),
    second: date.getSeconds(),
  };
}

function inUtc(date: Date): Clock {
  return {
    year: date.getUTCFullYear(),
    month: date.getUTCMonth(),
    day: date.getUTCDate(),
    weekday: date.getUTCDay(),
    hour: date.getUTCHours(),
    minute: date.getUTCMinutes(),
    second: date.getUTCSeconds(),
  };
}

/** Formatters are dear, and every question that a page asks comes by here on every render. */
const formatters = new Map<string, Intl.DateTimeFormat>();

function elsewhere(at: number, zone: string): Clock {
  let found = formatters.get(zone);
  if (!found) {
    found = new Intl.DateTimeFormat("en-US", {
      timeZone: zone,
      year: "numeric",
      month: "numeric",
      day: "numeric",
      hour: "numeric",
      minute: "numeric",
      second: "numeric",
      hourCycle: "h23",
    });
    formatters.set(zone, found);
  }
  const part: Record<string, number> = {};
  for (const { type, value } of found.formatToParts(at)) part[type] = Number(value);
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = part;
  return inUtc(new Date(Date.UTC(year, month - 1, day, hour, minute, second)));
}

export const MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");
export const WEEKDAYS = "Sun Mon Tue Wed Thu Fri Sat".split(" ");
