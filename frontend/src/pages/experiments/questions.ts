/** What the pages about experiments ask, and what of a comparison stands in the address. */
import { infiniteQueryOptions } from "@tanstack/react-query";
import { chosenProject, get, type Schemas } from "../../api/client.ts";
import { question } from "../../api/questions.ts";
import { first, type Search } from "../../url.ts";

export type Listed = Schemas["ExperimentListed"];
export type Comparison = Schemas["ExperimentComparison"];
export type ComparedRun = Schemas["ComparedRun"];
export type ComparedScore = Schemas["ComparedScore"];
export type Item = Schemas["ComparedItem"];
export type Cell = Schemas["ComparedCase"];

export const PATH = "/api/v1/experiments";
export const EVALUATIONS = "/api/v1/evaluations";
/** On so many of the latest calls a rule is tried. */
export const TRIED = 5;
export const FEWEST = 2;
export const MOST = 6;
const PAGE = "50";
const ITEMS = "50";

export function experiments(dataset: string) {
  const of: Search = dataset ? { dataset_id: dataset } : {};
  return infiniteQueryOptions({
    queryKey: [chosenProject(), PATH, of],
    queryFn: ({ signal, pageParam }) =>
      get<Schemas["Experiments"]>(PATH, { ...of, limit: PAGE, ...(pageParam ? { cursor: pageParam } : {}) }, signal),
    initialPageParam: "",
    getNextPageParam: (page) => page.next_cursor,
    placeholderData: (before) => before,
  });
}

/** For their names. */
export function datasets() {
  return { ...question<Schemas["DatasetList"]>("/api/v1/datasets", { limit: "1000" }), staleTime: 60_000 };
}

const COMPARING = ["runs", "base", "delta", "lower"];
const PICKING = ["only", "below", "sort"];

function told(search: Search, names: readonly string[]): Search {
  return Object.fromEntries(
    names.map((name) => [name, first(search, name) ?? ""] as const).filter(([, value]) => value !== ""),
  );
}

/** What a comparison is asked with. */
export function comparing(search: Search): Search {
  const goes = first(search, "by");
  return { ...told(search, COMPARING), ...(goes ? { score: goes } : {}) };
}

/** What its items are asked with. */
export function picking(search: Search): Search {
  const { runs = "", base, lower } = told(search, COMPARING);
  const score = first(search, "score");
  const { below, ...rest } = told(search, PICKING);
  return {
    runs,
    ...(base ? { base } : {}),
    ...(lower ? { lower } : {}),
    ...rest,
    ...(score ? { score } : {}),
    ...(score && below ? { below } : {}),
    texts: "true",
  };
}

export function comparison(search: Search) {
  return question<Comparison>(`${PATH}/compare`, comparing(search));
}

export function items(search: Search) {
  const asked = picking(search);
  return infiniteQueryOptions({
    queryKey: [chosenProject(), `${PATH}/compare/items`, asked],
    queryFn: ({ signal, pageParam }) =>
      get<Schemas["ComparedItems"]>(
        `${PATH}/compare/items`,
        { ...asked, limit: ITEMS, ...(pageParam ? { cursor: pageParam } : {}) },
        signal,
      ),
    initialPageParam: "",
    getNextPageParam: (page) => page.next_cursor,
    placeholderData: (before) => before,
  });
}
