/** A page's search in; what its list is asked with, and what follows from the calls it holds, out. */
import type { Call } from "../../api/questions.ts";
import { PAGE_ROWS } from "../../ui/table/pages.ts";
import { asked, first, instant, rangeOf, type Search } from "../../url.ts";

export const NEWEST_FIRST = "-start_time";

export function sortOf(search: Search): string {
  return first(search, "sort") ?? NEWEST_FIRST;
}

/** Where in time the list begins, if it was told to and is in order of time. */
export function startOf(search: Search): string | undefined {
  const at = first(search, "at");
  if (!at || !/^-?start_time$/.test(sortOf(search))) return undefined;
  const [moment, range] = [Date.parse(at), rangeOf(search)];
  const now = Date.now();
  return moment > instant(range.from, now, range.tz) && moment < instant(range.to, now, range.tz) ? at : undefined;
}

/** Whether a moment is one of the range that is looked at. */
export function isInRange(search: Search, iso: string): boolean {
  const [range, now, at] = [rangeOf(search), Date.now(), Date.parse(iso)];
  return at >= instant(range.from, now, range.tz) && at < instant(range.to, now, range.tz);
}

/** Scores are asked for only where they are shown: they are looked up call by call. */
export function listed(search: Search, scores = false): Search {
  const sort = sortOf(search);
  const start = startOf(search);
  const begin: Search = start ? (sort === NEWEST_FIRST ? { to: start } : { from: start }) : {};
  return { ...asked(search), ...begin, sort, limit: String(PAGE_ROWS), ...(scores ? { include: "scores" } : {}) };
}

/** A moment to the nanosecond, so many later, as the API takes it. */
export function nanoseconds(iso: string, later = 0n): string {
  const [whole = "", fraction = ""] = iso.replace(/Z$/, "").split(".");
  return String(BigInt(Date.parse(`${whole}Z`)) * 1_000_000n + BigInt(fraction.padEnd(9, "0").slice(0, 9)) + later);
}

/** What stands right after a call in a page that holds it. */
export function following(page: readonly Call[] | undefined, id: string): string | undefined {
  const at = page?.findIndex((one) => one.id === id) ?? -1;
  return page?.[at + 1]?.id;
}

/** Filters that find calls like this one. */
export function similar(call: Call): Search {
  const facts: Record<string, string | null> = {
    model: call.request_model ?? call.response_model,
    feature: call.feature,
    prompt_version: call.prompt_version,
  };
  return Object.fromEntries(Object.entries(facts).filter(([, value]) => value)) as Search;
}
