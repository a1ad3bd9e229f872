/** The questions pages ask, as queries: a name in, what TanStack Query needs, out. */
import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import type { Search } from "../url.ts";
import { chosenProject, get, type Schemas } from "./client.ts";

export type Spend = Schemas["Spend"];
export type Group = Spend["groups"][number];
export type Measures = Spend["total"];
export type Call = Schemas["Call"];
export type CallDetail = Schemas["CallDetail"];

/** Any GET of the API, cached by its address. Old numbers stay until the new ones are there. */
export function question<Answer>(path: string, parameters: Search = {}) {
  return queryOptions({
    queryKey: [chosenProject(), path, parameters],
    queryFn: ({ signal }) => get<Answer>(path, parameters, signal),
    placeholderData: keepPreviousData,
  });
}

export function spend(parameters: Search) {
  return question<Spend>("/api/v1/spend", parameters);
}

export function calls(parameters: Search) {
  return question<Schemas["Calls"]>("/api/v1/calls", parameters);
}

/** Which tags the calls of a range carry; any filter narrows them. */
export function tagKeys(parameters: Search) {
  return { ...question<Schemas["Tags"]>("/api/v1/tags", parameters), staleTime: 60_000 };
}
