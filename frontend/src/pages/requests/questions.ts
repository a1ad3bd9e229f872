/** A page's search in; its list, its sums and its neighbours as queries, out. */
import type { QueryClient } from "@tanstack/react-query";
import { get, type Schemas } from "../../api/client.ts";
import { type Call, type CallDetail, calls, question, spend } from "../../api/questions.ts";
import type { Ask } from "../../ui/table/pages.ts";
import { asked, type Search } from "../../url.ts";
import { listed, nanoseconds, NEWEST_FIRST } from "./list.ts";

/** The first page is the same question that is asked again when something has come in. */
export function head(search: Search, scores = false) {
  return calls(listed(search, scores));
}

export function asking(queries: QueryClient, search: Search, scores = false): Ask<Call> {
  return (cursor, signal) =>
    cursor === null
      ? queries.fetchQuery(head(search, scores))
      : get<Schemas["Calls"]>("/api/v1/calls", { ...listed(search, scores), cursor }, signal);
}

export function sums(search: Search) {
  return spend({ ...asked(search), granularity: "auto" });
}

const NEAR = "5";

/** The call before and after one, of those that pass the filters, in order of time. */
export function older(search: Search, call: Call) {
  return calls({ ...asked(search), to: nanoseconds(call.start_time, 1n), sort: NEWEST_FIRST, limit: NEAR });
}

export function newer(search: Search, call: Call) {
  return calls({ ...asked(search), from: nanoseconds(call.start_time), sort: "start_time", limit: NEAR });
}

export function oneCall(id: string) {
  return { ...question<CallDetail>(`/api/v1/calls/${encodeURIComponent(id)}`), placeholderData: undefined };
}
