/** A page's address in; what it asks first, out. It says what the pages' own questions say: a test holds them together. */
import { asked, parseSearch, type Search, stringifySearch } from "./url.ts";

type Question = readonly [path: string, parameters: Search];

const SPEND = "/api/v1/spend";
const CALLS = "/api/v1/calls";
const TRACES = "/api/v1/traces";
const SESSION: Question = ["/api/v1/session", {}];

function ofOverview(search: Search): Question[] {
  const range = asked(search);
  const split = typeof search.split === "string" ? search.split : "model";
  return [
    ...["model", ...(split === "model" ? [] : [split])].map((by): Question => [
      SPEND,
      { ...range, by, granularity: "auto" },
    ]),
    [CALLS, { ...range, limit: "10" }],
  ];
}

/** Pages that begin elsewhere in a list, or tell scores, are left to ask for themselves. */
function ofRequests(search: Search): Question[] {
  if (
    "at" in search ||
    String(search.cols ?? "")
      .split(",")
      .includes("scores")
  )
    return [];
  const range = asked(search);
  const sort = typeof search.sort === "string" ? search.sort : "-start_time";
  return [
    [CALLS, { ...range, sort, limit: "100" }],
    [SPEND, { ...range, granularity: "auto" }],
  ];
}

const SPAN = /^[0-9a-f]{16}$/;

/** Of a link to one of its spans that span too: it would be asked for only when the whole trace is drawn. */
function ofTrace(id: string, { span }: Search): Question[] {
  const linked = typeof span === "string" && SPAN.test(span);
  return [[`${TRACES}/${id}/timeline`, {}], ...(linked ? [[`/api/v1/spans/${id}/${span}`, {}] as Question] : [])];
}

/** `path` is without the prefix of the server. */
export function firstQuestions(path: string, search: Search): Question[] {
  const trace = /^\/traces\/([^/]+)$/.exec(path)?.[1];
  if (trace) return [SESSION, ...ofTrace(trace, search)];
  const request = /^\/requests\/([^/]+)$/.exec(path)?.[1];
  if (request) return [SESSION, [`${CALLS}/${request}`, {}]];
  if (path === "/") return [SESSION, ...ofOverview(search)];
  if (path === "/requests") return [SESSION, ...ofRequests(search)];
  if (path === "/traces") return [SESSION, [TRACES, { ...asked(search), limit: "100" }]];
  return path === "/sign-in" ? [] : [SESSION];
}

type At = Pick<Location, "pathname" | "search">;

function pathOf(prefix: string, { pathname }: Pick<At, "pathname">): string {
  return pathname.slice(prefix.length) || "/";
}

/** Pages that are looked at by their address, and which parts of the code they are made of besides the first one. */
const PARTS: readonly (readonly [path: RegExp, parts: readonly string[]])[] = [
  [/^\/$/, ["engine"]],
  [/^\/costs(\/|$)/, ["Costs", "engine"]],
  [/^\/requests$/, ["Requests"]],
  [/^\/requests\/./, ["Request"]],
  [/^\/traces$/, ["Traces"]],
  [/^\/traces\/./, ["Trace"]],
];

/** What is fetched at once, by the names of the built files. */
export function parts(prefix: string, location: At): readonly string[] {
  const found = PARTS.find(([path]) => path.test(pathOf(prefix, location)))?.[1] ?? [];
  // A link to one of its spans opens that at once.
  return found.includes("Trace") && "span" in parseSearch(location.search) ? [...found, "Detail"] : found;
}

export function addresses(prefix: string, location: At): string[] {
  const path = pathOf(prefix, location);
  return firstQuestions(path, parseSearch(location.search)).map(
    ([at, parameters]) => `${prefix}${at}${stringifySearch(parameters)}`,
  );
}
