/** A page's address in; what it asks first, out. It says what the pages' own questions say: a test holds them together. */
import { asked, parseSearch, type Search, stringifySearch } from "./url.ts";

type Question = readonly [path: string, parameters: Search];

const SPEND = "/api/v1/spend";
const CALLS = "/api/v1/calls";
const SESSION: Question = ["/api/v1/session", {}];

function ofOverview(search: Search): Question[] {
  const range = asked(search);
  const split = typeof search.split === "string" ? search.split : "model";
  return [
    [SPEND, { ...range, granularity: "auto" }],
    [SPEND, { ...range, by: split, granularity: "auto" }],
    [SPEND, { ...range, by: "status", granularity: "auto" }],
    [CALLS, { ...range, limit: "10" }],
  ];
}

/** Pages that begin elsewhere in a list are left to ask for themselves. */
function ofRequests(search: Search): Question[] {
  if ("at" in search) return [];
  const range = asked(search);
  const sort = typeof search.sort === "string" ? search.sort : "-start_time";
  return [
    [CALLS, { ...range, sort, limit: "100" }],
    [SPEND, { ...range, granularity: "auto" }],
  ];
}

/** `path` is without the prefix of the server. */
export function firstQuestions(path: string, search: Search): Question[] {
  const trace = /^\/traces\/([^/]+)$/.exec(path)?.[1];
  if (trace) return [SESSION, [`/api/v1/traces/${trace}/timeline`, {}]];
  if (path === "/") return [SESSION, ...ofOverview(search)];
  if (path === "/requests") return [SESSION, ...ofRequests(search)];
  return path === "/sign-in" ? [] : [SESSION];
}

export function addresses(prefix: string, location: Pick<Location, "pathname" | "search">): string[] {
  const path = location.pathname.slice(prefix.length) || "/";
  return firstQuestions(path, parseSearch(location.search)).map(
    ([at, parameters]) => `${prefix}${at}${stringifySearch(parameters)}`,
  );
}
