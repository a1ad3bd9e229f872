/** What the pages about alerts ask: incidents, rules, presets, channels, and what was sent. */
import type { Schemas } from "../../api/client.ts";
import { question } from "../../api/questions.ts";
import type { Search } from "../../url.ts";

export type Incident = Schemas["IncidentShown"];
export type IncidentDetail = Schemas["IncidentDetail"];
export type Verdict = Schemas["VerdictShown"];
export type Rule = Schemas["RuleShown"];
export type RuleFields = Schemas["RuleFields"];
export type Preset = Schemas["PresetShown"];
export type Backtest = Schemas["Backtest"];
export type Channel = Schemas["ChannelShown"];
export type Delivery = Schemas["DeliveryShown"];
export type Severity = Incident["severity"];
export type Status = Incident["status"];

export const ALERTS = "/api/v1/alerts";
export const INCIDENTS = `${ALERTS}/incidents`;
export const RULES = `${ALERTS}/rules`;
export const CHANNELS = `${ALERTS}/channels`;

export function incidentList(parameters: Search = {}) {
  return question<Schemas["IncidentList"]>(INCIDENTS, parameters);
}

export function incident(id: string) {
  return question<IncidentDetail>(`${INCIDENTS}/${encodeURIComponent(id)}`);
}

export function ruleList() {
  return question<Schemas["RuleList"]>(RULES);
}

export function rule(id: string) {
  return question<Rule>(`${RULES}/${encodeURIComponent(id)}`);
}

export function presetList() {
  return { ...question<Schemas["PresetList"]>(`${ALERTS}/presets`), staleTime: Infinity };
}

export function channelList() {
  return question<Schemas["ChannelList"]>(CHANNELS);
}

export function deliveries(parameters: Search) {
  return question<Schemas["DeliveryList"]>(`${ALERTS}/deliveries`, parameters);
}

/** The rule, or the budget, that found an incident. */
export function foundBy(of: Incident) {
  const path = of.rule_id
    ? `${RULES}/${encodeURIComponent(of.rule_id)}`
    : `/api/v1/budgets/${encodeURIComponent(of.budget_id ?? "")}`;
  return {
    ...question<Rule | Schemas["BudgetShown"]>(path),
    retry: false,
    select: (found: Rule | Schemas["BudgetShown"]) => ({
      filters: found.filters,
      rule: of.rule_id ? (found as Rule) : undefined,
    }),
  };
}
