/** A trace's id in; the question for all its spans, out. It is asked before the page's own code is there. */
import { queryOptions } from "@tanstack/react-query";
import { chosenProject, get, type Schemas } from "../../api/client.ts";

const LIVE_SPANS = 2000;

export function timeline(id: string) {
  const path = `/api/v1/traces/${encodeURIComponent(id)}/timeline`;
  return queryOptions({
    queryKey: [chosenProject(), path],
    queryFn: ({ signal }) => get<Schemas["Timeline"]>(path, {}, signal),
    staleTime: 60_000,
    // A large trace is not read anew each time anything arrives anywhere.
    enabled: (query) => (query.state.data?.span_count ?? 0) < LIVE_SPANS,
  });
}
