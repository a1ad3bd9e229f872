/** What the overview asks, all at once and before it is drawn. */
import type { QueryClient } from "@tanstack/react-query";
import { calls, spend } from "../../api/questions.ts";
import { asked, previous, rangeOf, type Search } from "../../url.ts";

export const SPLITS = ["model", "provider", "feature", "environment", "team", "tenant"] as const;

export function total(search: Search) {
  return spend({ ...asked(search), granularity: "auto" });
}

export function before(search: Search) {
  const { from, to } = previous(rangeOf(search), Math.floor(Date.now() / 60_000) * 60_000);
  return spend({ ...asked(search), from, to });
}

export function over(search: Search, by: string) {
  return spend({ ...asked(search), by, granularity: "auto" });
}

export function outcomes(search: Search) {
  return spend({ ...asked(search), by: "status", granularity: "auto" });
}

export function top(search: Search, by: string) {
  return spend({ ...asked(search), by });
}

export function latest(search: Search) {
  return calls({ ...asked(search), limit: "10" });
}

export function prefetch(queries: QueryClient, search: Search): void {
  for (const asked of [total(search), over(search, "model"), outcomes(search)]) void queries.prefetchQuery(asked);
  void queries.prefetchQuery(latest(search));
}
