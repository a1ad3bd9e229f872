/** Verdicts, groups and units in; how people read them, and the calls they are about as a page's search, out. */
import { count, type Decimal, duration, exactMoney, money, percent } from "../../format.ts";
import type { Search } from "../../url.ts";
import type { Incident, Rule, Severity, Verdict } from "./questions.ts";

type Unit = Verdict["unit"];
type Group = Incident["group"];

export const SEVERITIES: Record<Severity, string> = { critical: "■ critical", warning: "▲ warning", info: "● info" };

export const KINDS: Record<Rule["kind"], string> = {
  threshold: "Threshold",
  anomaly: "Anomaly of spend",
  rate_limit: "Rate limits",
  error_rate: "Error rate",
  latency: "Latency",
  runaway: "Runaway call",
  unpriced: "Models without a price",
  unknown_usage: "Unknown usage",
  stale_prices: "Old price data",
  silent: "Silence",
  drift: "Drift from the bill",
};

export const MEASURES: Record<Rule["measure"], string> = {
  cost: "cost",
  calls: "calls",
  errors: "errors",
  input_tokens: "input tokens",
  output_tokens: "output tokens",
  tokens: "tokens",
  error_rate: "error rate",
  cost_per_call: "cost per call",
  latency_p50: "latency, median",
  latency_p95: "latency, p95",
  ttft_p50: "first token, median",
  ttft_p95: "first token, p95",
};

/** A figure with its unit; what nobody knows is not nothing. */
export function amount(value: Decimal | null, unit: Unit): string {
  if (value === null) return "—";
  if (unit === "usd") return money(value);
  const number = Number(value);
  if (unit === "ratio") return percent(number);
  if (unit === "ms") return duration(number);
  if (unit === "seconds") return duration(number * 1000);
  return `${count(Math.round(number))} ${unit}`;
}

export function exactly(value: Decimal | null, unit: Unit): string {
  if (value === null) return "unknown";
  return unit === "usd" ? exactMoney(value) : `${value} ${unit}`;
}

/** What it is held against: a limit, a band, or what was usual. */
export function against(of: Verdict): string {
  if (of.expected !== null) {
    return `usually ${amount(of.expected, of.unit)}${of.upper === null ? "" : `, at most ${amount(of.upper, of.unit)}`}`;
  }
  if (of.upper !== null) return `limit ${amount(of.upper, of.unit)}`;
  return of.lower === null ? "" : `at least ${amount(of.lower, of.unit)}`;
}

export function groupName(group: Group): string {
  const told = group.map(({ dimension, value }) => `${dimension.replace(/^tag\./, "")} ${value ?? "(none)"}`);
  return told.length ? told.join(", ") : "all calls";
}

/** The filters of a rule and the values of a group, as a page's search. */
export function scoped(filters: Search, group: Group): Search {
  const found: Search = { ...filters };
  for (const { dimension, value } of group) found[dimension] = value ?? "";
  return found;
}

/** How long it lasted, or lasts. */
export function lasted(of: Incident, now: number): string {
  return duration(Math.max(0, Date.parse(of.recovered_at ?? new Date(now).toISOString()) - Date.parse(of.since)));
}

/** Open first, the gravest and the latest of them on top. */
export function ordered(all: readonly Incident[]): Incident[] {
  const rank = (of: Incident) =>
    (of.status === "recovered" ? 0 : of.status === "acknowledged" ? 10 : 20) +
    ["info", "warning", "critical"].indexOf(of.severity);
  return [...all].sort((a, b) => rank(b) - rank(a) || Date.parse(b.opened_at) - Date.parse(a.opened_at));
}

/** Why nobody hears of an incident, if that is so. */
export function quiet(of: Incident, now: number): string {
  if (of.expected_at) return "expected";
  return of.snoozed_until && Date.parse(of.snoozed_until) > now ? "snoozed" : "";
}
