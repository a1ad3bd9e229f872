/** The query string in; what a page shows (range, filters, view), out; and back. All that a colleague needs to see the same. */
import { dateOf, midnight } from "./calendar.ts";
import { home } from "./clock.ts";

export type Search = Record<string, string | string[]>;

export const FILTERS = [
  "provider",
  "model",
  "feature",
  "user",
  "session",
  "team",
  "tenant",
  "environment",
  "config",
  "variant",
  "prompt_version",
  "status",
  "streaming",
  "cost_status",
  "data_mode",
  "min_cost",
  "min_latency",
  "q",
] as const;

/** What goes along from page to page. */
const CARRIED = new Set<string>([...FILTERS, "from", "to", "tz", "cmp"]);

export const PRESETS: readonly (readonly [string, string])[] = [
  ["now-15m", "Last 15 minutes"],
  ["now-1h", "Last hour"],
  ["now-6h", "Last 6 hours"],
  ["now-24h", "Last 24 hours"],
  ["now-7d", "Last 7 days"],
  ["now-30d", "Last 30 days"],
  ["now-90d", "Last 90 days"],
];

export const DEFAULT_FROM = "now-30d";

export function isFilter(name: string): boolean {
  return (FILTERS as readonly string[]).includes(name) || /^(tag|score)\../.test(name);
}

/** Short names that people write by hand. */
const ALIASES: Record<string, string> = { env: "environment" };

export function parseSearch(text: string): Search {
  const found: Search = {};
  for (const [told, value] of new URLSearchParams(text)) {
    const name = ALIASES[told] ?? told;
    const before = found[name];
    found[name] = before === undefined ? value : Array.isArray(before) ? [...before, value] : [before, value];
  }
  return found;
}

/** Plain text: what needs no escape for a reader has none. */
export function stringifySearch(search: Record<string, unknown>): string {
  const pairs: string[] = [];
  for (const [name, value] of Object.entries(search)) {
    for (const one of Array.isArray(value) ? value : [value]) {
      if (one === undefined || one === null) continue;
      pairs.push(`${plain(name)}=${plain(String(one))}`);
    }
  }
  return pairs.length ? `?${pairs.join("&")}` : "";
}

function plain(text: string): string {
  return encodeURIComponent(text).replace(/%(2C|3A|2F|21|40|20)/g, (code) =>
    code === "%20" ? "+" : decodeURIComponent(code),
  );
}

export function first(search: Search, name: string): string | undefined {
  const value = search[name];
  return Array.isArray(value) ? value[0] : value;
}

export function all(search: Search, name: string): string[] {
  const value = search[name];
  return value === undefined ? [] : Array.isArray(value) ? value : [value];
}

/** The filters in the order they were added, one entry per value. */
export function filtersOf(search: Search): { name: string; value: string }[] {
  return Object.keys(search)
    .filter(isFilter)
    .flatMap((name) => all(search, name).map((value) => ({ name, value })));
}

export function withFilter(search: Search, name: string, value: string): Search {
  const before = all(search, name);
  const next: Search = { ...search, [name]: before.includes(value) ? before : [...before, value] };
  delete next.peek;
  return next;
}

export function withoutFilter(search: Search, name: string, value: string): Search {
  const rest = all(search, name).filter((one) => one !== value);
  const next: Search = { ...search };
  if (rest.length) next[name] = rest;
  else delete next[name];
  return next;
}

export function withoutFilters(search: Search): Search {
  return Object.fromEntries(Object.entries(search).filter(([name]) => !isFilter(name)));
}

export function withRange(search: Search, from: string, to: string): Search {
  return { ...search, from, to };
}

/** What another page starts with. */
export function carried(search: Search): Search {
  return Object.fromEntries(Object.entries(search).filter(([name]) => CARRIED.has(name) || isFilter(name)));
}

export interface Range {
  from: string;
  to: string;
  tz: string;
}

export function rangeOf(search: Search): Range {
  return {
    from: first(search, "from") ?? DEFAULT_FROM,
    to: first(search, "to") ?? "now",
    tz: zoneOf(search),
  };
}

export function zoneOf(search: Search): string {
  const told = first(search, "tz");
  if (told === "utc") return "UTC";
  return told ?? home();
}

/** What the API is asked with: range and filters. */
export function asked(search: Search): Search {
  const { from, to, tz } = rangeOf(search);
  const now = Date.now();
  const moment = (text: string) => dateOf(text, now, tz) ?? text;
  const filters = Object.fromEntries(Object.entries(search).filter(([name]) => isFilter(name)));
  return { from: moment(from), to: moment(to), tz, ...filters };
}

const UNITS: Record<string, number> = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 };

/** A moment of the query string in Unix milliseconds; NaN for what isn't one. */
export function instant(text: string, now: number, zone = "UTC"): number {
  if (text === "now") return now;
  const date = dateOf(text, now, zone) ?? (/^\d{4}-\d\d-\d\d$/.test(text) ? text : null);
  if (date) return midnight(date, zone);
  const relative = /^(?:now-)?(\d+)([smhdw])$/.exec(text);
  if (relative) return now - Number(relative[1]) * (UNITS[relative[2] ?? "s"] ?? 1) * 1000;
  if (/^\d{9,11}$/.test(text)) return Number(text) * 1000;
  return Date.parse(text);
}

/** The range of the same length just before. */
export function previous(range: Range, now: number): Range {
  const from = instant(range.from, now, range.tz);
  const to = instant(range.to, now, range.tz);
  return { ...range, from: new Date(2 * from - to).toISOString(), to: new Date(from).toISOString() };
}
