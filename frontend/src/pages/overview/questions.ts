/** What the overview asks, all at once and before it is drawn. */
import { useQueries } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import type { Schemas } from "../../api/client.ts";
import { calls, question, spend } from "../../api/questions.ts";
import { compared } from "../../compare.ts";
import { asked, filtersOf, first, type Search } from "../../url.ts";

export const SPLITS = [
  "model",
  "provider",
  "feature",
  "environment",
  "team",
  "tenant",
  "user",
  "config",
  "prompt_version",
] as const;

export type Budget = Schemas["BudgetShown"];

/** The one question that most of the page is drawn from: all of it, each step, and the models of both. */
export function head(search: Search) {
  return over(search, "model");
}

/** The same steps of the period it is compared with; of nothing when there is none. */
export function before(search: Search, granularity: string | null | undefined, by?: string) {
  const range = compared(search);
  const parameters = { ...asked(search), ...(range ? { from: range.from, to: range.to } : {}), ...(by ? { by } : {}) };
  return { ...spend({ ...parameters, granularity: granularity ?? "auto" }), enabled: range !== null && !!granularity };
}

export function over(search: Search, by: string) {
  return spend({ ...asked(search), by, granularity: "auto" });
}

/** How many of each kind are told apart. */
export const TOP = 5;

export function top(search: Search, by: string) {
  return spend({ ...asked(search), by, granularity: "none", limit: String(TOP) });
}

export function topBefore(search: Search, by: string) {
  const range = compared(search);
  const parameters = {
    ...asked(search),
    ...(range ? { from: range.from, to: range.to } : {}),
    by,
    granularity: "none",
  };
  return { ...spend(parameters), enabled: range !== null };
}

/** Of calls that told it, as streamed ones do. */
export function firstTokens(search: Search) {
  return question<Schemas["FirstToken"]>("/api/v1/spend/first-token", asked(search));
}

export function latest(search: Search) {
  return calls({ ...asked(search), limit: "10" });
}

export function budgets() {
  return { ...question<Schemas["BudgetList"]>("/api/v1/budgets"), staleTime: 30_000 };
}

const filters = (search: Search) => Object.fromEntries(filtersOf(search).map(({ name }) => [name, search[name] ?? ""]));

/** What needs attention is about now, whatever range is looked at. */
export function recentDays(search: Search) {
  const { tz } = asked(search);
  return spend({ ...filters(search), ...(tz ? { tz } : {}), from: "now-16d", granularity: "day" });
}

export function recentModels(search: Search) {
  return spend({ ...filters(search), from: "now-7d", by: "model", granularity: "none" });
}

export function recentLimits(search: Search) {
  return spend({ ...filters(search), from: "now-24h", status: "429", granularity: "hour" });
}

/**
 * What stands further down is asked for when the head of the page has its answers and the browser has drawn them: it must hold
 * neither up.
 */
export function useHeadDrawn(search: Search): boolean {
  const split = first(search, "split") ?? "model";
  const splits = split === "model" ? [] : [over(search, split)];
  const heads = useQueries({ queries: [head(search), ...splits, latest(search)] });
  const answered = heads.every((one) => !one.isPending && !one.isPlaceholderData);
  const [drawn, setDrawn] = useState(false);
  useEffect(() => {
    if (drawn || !answered) return;
    // Safari has no idle callbacks.
    const idle = window.requestIdleCallback as typeof window.requestIdleCallback | undefined;
    if (!idle) return setDrawn(true);
    const due = idle(() => setDrawn(true), { timeout: LONGEST_DRAWING_MS });
    return () => window.cancelIdleCallback(due);
  }, [answered, drawn]);
  return answered && drawn;
}

const LONGEST_DRAWING_MS = 2000;
