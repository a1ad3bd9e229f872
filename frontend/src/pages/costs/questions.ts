/** The address of the costs page in; what it asks the server, out. */
import { question, spend } from "../../api/questions.ts";
import type { Schemas } from "../../api/client.ts";
import { compared } from "../../compare.ts";
import { asked, first, type Search } from "../../url.ts";

export const GRANULARITIES = ["auto", "minute", "hour", "day", "week", "month"] as const;

export const DIMENSIONS = [
  "model",
  "provider",
  "config",
  "variant",
  "environment",
  "feature",
  "user",
  "team",
  "tenant",
  "session",
  "prompt_version",
  "service_tier",
  "operation",
  "status",
] as const;

/** What the table is broken down by: one dimension or two. */
export function byOf(search: Search): string[] {
  const told = (first(search, "by") ?? "model").split(",").filter(Boolean);
  return told.length ? told.slice(0, 2) : ["model"];
}

export function granularityOf(search: Search): string {
  const told = first(search, "gran") ?? "auto";
  return (GRANULARITIES as readonly string[]).includes(told) ? told : "auto";
}

function earlier(search: Search): Search | null {
  const range = compared(search);
  return range && { ...asked(search), from: range.from, to: range.to };
}

export function overTime(search: Search, by?: string) {
  return spend({ ...asked(search), ...(by ? { by } : {}), granularity: granularityOf(search) });
}

/** The same steps of the period it is compared with; of nothing when there is none. */
export function overTimeBefore(search: Search, granularity: string, by?: string) {
  const range = earlier(search);
  return { ...spend({ ...(range ?? {}), ...(by ? { by } : {}), granularity }), enabled: range !== null };
}

export type Cached = Schemas["CachedSpend"];

/** What reading from caches cost: a part of what input did. */
export function cachedOver(search: Search) {
  return question<Cached>("/api/v1/spend/cached", { ...asked(search), granularity: granularityOf(search) });
}

export function groups(search: Search, by: string) {
  return spend({ ...asked(search), by, granularity: "none" });
}

export function groupsBefore(search: Search, by: string) {
  const range = earlier(search);
  return { ...spend({ ...(range ?? {}), by, granularity: "none" }), enabled: range !== null };
}

/** The days before the range that tell what is usual; asked only where steps are days. */
export function daysBefore(search: Search, from: string | undefined, days: number) {
  const to = from ?? "now";
  const start = from ? new Date(Date.parse(from) - days * 86_400_000).toISOString() : `now-${days}d`;
  return { ...spend({ ...asked(search), from: start, to, granularity: "day" }), enabled: from !== undefined };
}

export type Why = Schemas["Why"];

/** Why cost changed; against the period just before where nothing else is told. */
export function why(search: Search, narrowed: Search) {
  const range = compared(search);
  const against: Search = range ? { cmp_from: range.from, cmp_to: range.to } : {};
  return question<Why>("/api/v1/spend/why", { ...asked(search), ...narrowed, ...against, limit: "5" });
}

export function waste(search: Search) {
  return question<Schemas["Waste"]>("/api/v1/spend/waste", asked(search));
}

/** What the server tells of caching; its answer has no schema of its own. */
interface CacheReport {
  net_saved_usd: string;
  data: { model: string | null; unread_written_tokens: number; unread_written_cost_usd: string | null }[];
}

export function cacheReport(search: Search) {
  return question<CacheReport>("/api/v1/prices/cache-report", asked(search));
}
