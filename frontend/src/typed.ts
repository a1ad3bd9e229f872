/** A range as people type it (`last 3d`, `tuesday`, `nov 1 - nov 7`) in; as addresses keep it, out. */
import { dateAgo, DAYS, daysSince } from "./calendar.ts";
import { instant } from "./url.ts";

export interface Typed {
  from: string;
  to: string;
}

const WEEKDAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
const MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const UNITS: Record<string, string> = {
  s: "s",
  sec: "s",
  m: "m",
  min: "m",
  h: "h",
  hour: "h",
  d: "d",
  day: "d",
  w: "w",
  week: "w",
};

const MOMENT = /^(now(-\d{1,6}[smhdw])?|\d{4}-\d\d-\d\d(T[\d:.]+(Z|[+-]\d\d:?\d\d)?)?|\d{9,11})$/i;

/** null for what can't be read. */
export function typed(text: string, now: number, zone: string): Typed | null {
  const said = text.trim().toLowerCase().replace(/\s+/g, " ");
  const named = DAYS.find(([, , title]) => title.toLowerCase() === said);
  if (named) return { from: named[0], to: named[1] };
  const back = /^(?:last |past )?(\d{1,5}) ?([a-z]+?)s?$/.exec(said);
  const unit = back && UNITS[back[2] ?? ""];
  if (back && unit) return { from: `now-${back[1]}${unit}`, to: "now" };
  const [first, last = first, ...rest] = said.split(/ (?:-|–|to) /);
  if (!first || !last || rest.length) return null;
  const [from, end] = [day(first, now, zone), day(last, now, zone)];
  if (from && end) return from <= end ? { from, to: after(end) } : null;
  const moments = said.split(/ (?:-|–|to) /).map((one) => one.toUpperCase().replace(/^NOW/, "now"));
  if (!moments.every((one) => MOMENT.test(one))) return null;
  const [a = "", b = "now"] = moments.map((one) => (one.startsWith("now") ? one.toLowerCase() : one));
  const start = instant(a, now, zone);
  return start < instant(b, now, zone) ? { from: a, to: b } : null;
}

/** A day, as a date; in the year that doesn't lie ahead. */
function day(text: string, now: number, zone: string): string | null {
  if (/^\d{4}-\d\d-\d\d$/.test(text)) return Number.isNaN(Date.parse(text)) ? null : text;
  if (text === "today" || text === "yesterday") return dateAgo(text === "today" ? 0 : 1, now, zone);
  const weekday = text.length < 3 ? -1 : WEEKDAYS.findIndex((name) => name.startsWith(text));
  if (weekday >= 0) return dateAgo(daysSince(weekday, now, zone), now, zone);
  const told = /^([a-z]{3})[a-z]* (\d{1,2})$/.exec(text) ?? /^(\d{1,2})\.? ([a-z]{3})[a-z]*$/.exec(text);
  if (!told) return null;
  const [name, number] = /^\d/.test(told[1] ?? "") ? [told[2], told[1]] : [told[1], told[2]];
  const month = MONTHS.indexOf(name ?? "");
  const today = dateAgo(0, now, zone);
  const at = (year: number) => new Date(Date.UTC(year, month, Number(number)));
  const year = Number(today.slice(0, 4));
  if (month < 0 || at(year).getUTCMonth() !== month) return null;
  const found = at(year).toISOString().slice(0, 10);
  return found <= today
    ? found
    : at(year - 1)
        .toISOString()
        .slice(0, 10);
}

function after(date: string): string {
  return new Date(Date.parse(date) + 86_400_000).toISOString().slice(0, 10);
}
