/** What the pages about budgets ask: budgets and how they stand, what was spent before and within a period. */
import type { Schemas } from "../../api/client.ts";
import { question, type Spend, spend } from "../../api/questions.ts";
import type { Search } from "../../url.ts";

export type Budget = Schemas["BudgetShown"];
export type Status = Budget["status"];

export const PATH = "/api/v1/budgets";

export function budgets() {
  return question<Schemas["BudgetList"]>(PATH);
}

export function budget(id: string) {
  return question<Budget>(`${PATH}/${encodeURIComponent(id)}`);
}

export type Ahead = NonNullable<Schemas["BudgetOutlook"]["outlook"]>;

export function outlook(id: string) {
  return question<Schemas["BudgetOutlook"]>(`${PATH}/${encodeURIComponent(id)}/outlook`);
}

export function observing() {
  return question<Schemas["ObserveOnlyShown"]>(`${PATH}/observe-only`);
}

export function changes(id: string) {
  return question<Schemas["ChangeList"]>(`${PATH}/history`, { budget_id: id, limit: "20" });
}

/** The calls a budget counts in its period, as a page's search. */
export function counted(of: Budget): Search {
  return {
    ...of.filters,
    from: of.period_start,
    to: of.period_end ?? "now",
    tz: of.timezone === "UTC" ? "utc" : of.timezone,
  };
}

/** The same for the API, which is asked about the past only. */
export function within(of: Budget, by?: string) {
  const asked: Search = { ...counted(of), tz: of.timezone };
  if (of.period === "rolling") asked.to = "now";
  return spend(by ? { ...asked, by } : { ...asked, granularity: granularity(of) });
}

function granularity(of: Budget): string {
  const end = of.period_end ? Date.parse(of.period_end) : Date.now();
  return end - Date.parse(of.period_start) <= 3 * 86_400_000 ? "hour" : "day";
}

export type { Spend };
