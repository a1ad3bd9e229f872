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

/** Where ranges of a score begin, as the server takes it; what is being written, or asked for without a score, isn't sent. */
export function edgesOf(search: Search): string | undefined {
  const told = (first(search, "edges") ?? "").split(",").map((edge) => edge.trim());
  const ascend = told.every((edge, at) => /^-?\d+(\.\d+)?$/.test(edge) && (!at || Number(told[at - 1]) < Number(edge)));
  return ascend && byOf(search).some((one) => one.startsWith("score.")) ? told.join(",") : undefined;
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
  return spend({ ...asked(search), ...(by ? divided(search, by) : {}), granularity: granularityOf(search) });
}

/** The same steps of the period it is compared with; of nothing when there is none. */
export function overTimeBefore(search: Search, granularity: string, by?: string) {
  const range = earlier(search);
  return { ...spend({ ...(range ?? {}), ...(by ? divided(search, by) : {}), granularity }), enabled: range !== null };
}

interface Answered {
  data: { total: { calls: number } } | undefined;
  isPlaceholderData: boolean;
  isEnabled: boolean;
}

/** Whether there is nothing to draw: no call, and none in the period it is compared with. */
export function isEmpty(now: Answered, then: Answered): boolean {
  const none = (one: Answered) => one.data?.total.calls === 0 && !one.isPlaceholderData;
  return none(now) && (!then.isEnabled || none(then));
}

export type Cached = Schemas["CachedSpend"];

/** What reading from caches cost: a part of what input did. */
export function cachedOver(search: Search) {
  return question<Cached>("/api/v1/spend/cached", { ...asked(search), granularity: granularityOf(search) });
}

/** What divides the table: its dimensions, and where ranges of scores begin. */
export function divided(search: Search, by: string): Search {
  const edges = by.includes("score.") ? edgesOf(search) : undefined;
  return edges ? { by, edges } : { by };
}

export function groups(search: Search, by: string) {
  return spend({ ...asked(search), ...divided(search, by), granularity: "none" });
}

export function groupsBefore(search: Search, by: string) {
  const range = earlier(search);
  return { ...spend({ ...(range ?? {}), ...divided(search, by), granularity: "none" }), enabled: range !== null };
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
