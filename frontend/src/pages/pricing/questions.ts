/** What the pages about prices ask: the catalogue, prices of one's own, what has none, jobs that price again. */
import { infiniteQueryOptions } from "@tanstack/react-query";
import { chosenProject, get, type Schemas } from "../../api/client.ts";
import { question, spend } from "../../api/questions.ts";
import { asked, type Search } from "../../url.ts";

export type Model = Schemas["PriceModel"];
export type Price = Schemas["Price"];
export type Override = Schemas["OverrideShown"];
export type Job = Schemas["RepriceJob"];

export const PATH = "/api/v1/prices";
const PAGE = "100";

export interface Unpriced {
  provider: string | null;
  model: string | null;
  calls: number;
  input_tokens: number | null;
  output_tokens: number | null;
  first_seen: string;
  last_seen: string;
  reason: string | null;
  priced_now: boolean;
  suggestions: { provider: string; model: string; why: string }[];
}

export function models(words: string) {
  return infiniteQueryOptions({
    queryKey: [chosenProject(), `${PATH}/models`, words],
    queryFn: ({ signal, pageParam }) =>
      get<Schemas["PriceModels"]>(
        `${PATH}/models`,
        { limit: PAGE, ...(words ? { q: words } : {}), ...(pageParam ? { cursor: pageParam } : {}) },
        signal,
      ),
    initialPageParam: "",
    getNextPageParam: (page) => page.next_cursor,
    placeholderData: (before) => before,
    // Prices change when somebody changes them, not when a call comes in.
    staleTime: 60_000,
  });
}

export function history(provider: string, model: string) {
  const path = [provider, ...model.split("/")].map(encodeURIComponent).join("/");
  return question<Schemas["Prices"] & { matched_model: string; rule: string }>(`${PATH}/${path}`);
}

/** The range that the page was come to with, so that what was counted there is found here; else the last 30 days. */
export function recent({ from, to, tz }: Search): Search {
  return from ? { from, ...(to ? { to } : {}), ...(tz ? { tz } : {}) } : { from: "now-30d" };
}

export function unpriced(search: Search) {
  const { from, to, tz } = asked(recent(search)) as Record<"from" | "to" | "tz", string>;
  return question<{ unpriced_calls: number; data: Unpriced[] }>(`${PATH}/unpriced`, { from, to, tz });
}

export function overrides() {
  return question<Schemas["OverrideList"]>(`${PATH}/overrides`);
}

export function used() {
  return spend({ from: "now-7d", by: "provider,model", granularity: "none" });
}

const RESTS = new Set(["done", "failed", "cancelled", "undone"]);
const LOOK_EVERY_MS = 700;

export function isOver(of: Pick<Job, "state">): boolean {
  return RESTS.has(of.state);
}

/** Asked again until it is over. */
export function job(id: string) {
  return {
    ...question<Job>(`${PATH}/reprice/${encodeURIComponent(id)}`),
    refetchInterval: (query: { state: { data?: Job | undefined } }) =>
      query.state.data && isOver(query.state.data) ? (false as const) : LOOK_EVERY_MS,
  };
}

/** Likewise, while any is under way. */
export function jobs() {
  return {
    ...question<Schemas["RepriceJobs"]>(`${PATH}/reprice`),
    refetchInterval: (query: { state: { data?: Schemas["RepriceJobs"] | undefined } }) =>
      query.state.data?.data.every(isOver) === false ? LOOK_EVERY_MS : (false as const),
  };
}
