import { expect, test, vi } from "vitest";
import { head as overviewHead, latest, over } from "./pages/overview/questions.ts";
import { question } from "./api/questions.ts";
import { head, oneCall, sums } from "./pages/requests/questions.ts";
import { timeline } from "./pages/trace/question.ts";
import { listed } from "./pages/traces/neighbours.ts";
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
  expect(firstQuestions("/traces", search).slice(1)).toEqual(keys([question("/api/v1/traces", listed(search))]));
});

test("a trace is asked for at once", () => {
  expect(firstQuestions("/traces/ab12", {})[1]?.[0]).toBe(timeline("ab12").queryKey[1]);
  const linked = firstQuestions("/traces/ab12", { span: "00f067aa0ba902b7" });
  expect(linked.slice(1)).toEqual([
    ["/api/v1/traces/ab12/timeline", {}],
    ["/api/v1/spans/ab12/00f067aa0ba902b7", {}],
  ]);
  expect(firstQuestions("/traces/ab12", { span: "../../keys" })).toHaveLength(2);
});

test("a request is asked for at once", () => {
  expect(firstQuestions("/requests/ab12-34", {}).slice(1)).toEqual(keys([oneCall("ab12-34")]));
});

test("who is signed in is asked everywhere but where one signs in", () => {
  expect(session.queryKey).toEqual(["session"]);
  expect(addresses("/llm", { pathname: "/llm/settings", search: "" })).toEqual(["/llm/api/v1/session"]);
  expect(addresses("", { pathname: "/sign-in", search: "?next=/" })).toEqual([]);
});

test("what a page is made of is fetched at once", () => {
  const of = (path: string) => {
    const [pathname, search = ""] = path.split("?");
    return parts("/llm", { pathname: `/llm${pathname}`, search });
  };
  expect(
    ["", "/", "/costs/tokens", "/requests/ab12", "/traces", "/traces/ab12", "/traces/ab12?span=01"].map(of),
  ).toEqual([["engine"], ["engine"], ["Costs", "engine"], ["Request"], ["Traces"], ["Trace"], ["Trace", "Detail"]]);
  expect(["/sessions", "/costsandmore"].flatMap(of)).toEqual([]);
});
