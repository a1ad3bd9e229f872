import { expect, test, vi } from "vitest";
import { head as overviewHead, latest, over } from "./pages/overview/questions.ts";
import { head, sums } from "./pages/requests/questions.ts";
import { timeline } from "./pages/trace/question.ts";
import { session } from "./app/session.ts";
import { addresses, firstQuestions, parts } from "./first.ts";
import { parseSearch } from "./url.ts";

// Where the page is mounted is read from the page.
vi.hoisted(() => vi.stubGlobal("document", { baseURI: "http://localhost/" }));

const SEARCH = parseSearch("?from=now-7d&model=gpt-4o&model=!o3&tag.tenantSlug=acme&split=team&sort=-cost");

/** What a page's own questions ask. */
const keys = (queries: { queryKey: readonly unknown[] }[]) => queries.map(({ queryKey }) => queryKey.slice(1));

test.each([SEARCH, parseSearch("")])("what goes out early is what the pages ask", (search) => {
  const splits = typeof search.split === "string" ? [over(search, search.split)] : [];
  expect(firstQuestions("/", search).slice(1)).toEqual(keys([overviewHead(search), ...splits, latest(search)]));
  expect(firstQuestions("/requests", search).slice(1)).toEqual(keys([head(search), sums(search)]));
});

test("a trace is asked for at once", () => {
  expect(firstQuestions("/traces/ab12", {})[1]?.[0]).toBe(timeline("ab12").queryKey[1]);
});

test("who is signed in is asked everywhere but where one signs in", () => {
  expect(session.queryKey).toEqual(["session"]);
  expect(addresses("/llm", { pathname: "/llm/settings", search: "" })).toEqual(["/llm/api/v1/session"]);
  expect(addresses("", { pathname: "/sign-in", search: "?next=/" })).toEqual([]);
});

test("what a page is made of is fetched at once", () => {
  const of = (path: string) => parts("/llm", { pathname: `/llm${path}` });
  expect(["", "/", "/costs/tokens", "/traces/ab12"].map(of)).toEqual([
    ["engine"],
    ["engine"],
    ["Costs", "engine"],
    ["Trace"],
  ]);
  expect(["/traces", "/requests/ab12", "/costsandmore"].flatMap(of)).toEqual([]);
});
