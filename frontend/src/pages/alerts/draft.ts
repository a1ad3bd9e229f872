/** A rule as it is kept in; the fields of its form out; and back, with what is wrong with each field. */
import type { Search } from "../../url.ts";
import { filtersOf, type Row, rowsOf } from "../budgets/rows.ts";
import { lengthOf } from "./course.ts";
import type { RuleFields } from "./questions.ts";

type Kind = RuleFields["kind"];

export interface Draft {
  name: string;
  kind: Kind;
  measure: RuleFields["measure"];
  rows: Row[];
  by: string[];
  window: string;
  compared: "" | "past" | "ago";
  comparedWith: string;
  ratio: string;
  limit: string;
  criticalLimit: string;
  direction: RuleFields["direction"];
  sensitivity: string;
  leastUsd: string;
  leastCalls: string;
  severity: RuleFields["severity"];
  channels: string[];
  every: string;
  cooldown: string;
  remind: string;
  quiet: boolean;
  quietFrom: string;
  quietTo: string;
  quietZone: string;
  quietDays: string[];
  enabled: boolean;
  observeOnly: boolean;
}

export const DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/** What a field says of each kind of rule; kinds that aren't named don't have it. */
export const LIMITS: Partial<Record<Kind, string>> = {
  threshold: "Limit",
  rate_limit: "So many refused calls",
  error_rate: "Share of failed calls, 0 to 1",
  latency: "Limit, ms",
  runaway: "What one call may write or cost",
  unpriced: "So many calls",
  unknown_usage: "Share of calls, 0 to 1",
  drift: "Share of the bill, 0 to 1",
};
const NEEDS_LIMIT: readonly Kind[] = ["rate_limit", "error_rate", "runaway", "unknown_usage", "drift"];
export const COMPARES: readonly Kind[] = ["threshold", "latency"];
export const GROUPED: readonly Kind[] = [
  "threshold",
  "anomaly",
  "rate_limit",
  "error_rate",
  "latency",
  "runaway",
  "unpriced",
  "unknown_usage",
  "silent",
];
/** Which measures a kind knows; the first is its own. */
export const MEASURED: Partial<Record<Kind, readonly RuleFields["measure"][]>> = {
  threshold: [
    "cost",
    "calls",
    "errors",
    "input_tokens",
    "output_tokens",
    "tokens",
    "error_rate",
    "cost_per_call",
    "latency_p50",
    "latency_p95",
    "ttft_p50",
    "ttft_p95",
  ],
  latency: ["latency_p95", "latency_p50", "ttft_p95", "ttft_p50"],
  runaway: ["output_tokens", "cost"],
};
export const WINDOWS: Record<Kind, string> = {
  threshold: "Window",
  anomaly: "How far back is looked",
  rate_limit: "Window",
  error_rate: "Window",
  latency: "Window",
  runaway: "Window",
  unpriced: "Window",
  unknown_usage: "Window",
  stale_prices: "How old it may be",
  silent: "So long without a call",
  drift: "Window",
};

export function draftOf(rule: Partial<RuleFields>): Draft {
  const { compare, quiet_hours: quiet } = rule;
  return {
    name: rule.name ?? "",
    kind: rule.kind ?? "threshold",
    measure: rule.measure ?? "cost",
    rows: rowsOf(rule.filters ?? {}),
    by: rule.by ?? [],
    window: rule.window ?? "24h",
    compared: compare ? (compare.past ? "past" : "ago") : "",
    comparedWith: compare ? compare.past || compare.ago : "7d",
    ratio: compare?.ratio ?? "2",
    limit: rule.limit ?? "",
    criticalLimit: rule.critical_limit ?? "",
    direction: rule.direction ?? "above",
    sensitivity: rule.sensitivity ?? "3",
    leastUsd: rule.least_usd ?? "0",
    leastCalls: String(rule.least_calls ?? 0),
    severity: rule.severity ?? "warning",
    channels: rule.channels ?? [],
    every: rule.every ?? "60s",
    cooldown: rule.cooldown ?? "5m",
    remind: rule.remind ?? "",
    quiet: !!quiet,
    quietFrom: quiet?.from ?? "22:00",
    quietTo: quiet?.to ?? "07:00",
    quietZone: quiet?.timezone ?? Intl.DateTimeFormat().resolvedOptions().timeZone,
    quietDays: quiet?.weekdays ?? DAYS,
    enabled: rule.enabled ?? true,
    observeOnly: rule.observe_only ?? false,
  };
}

/** What the API takes: figures stay the strings they were typed as. */
export function wanted(of: Draft): Search | object {
  const compares = COMPARES.includes(of.kind) && of.compared !== "";
  const limit = LIMITS[of.kind] && of.limit !== "" ? of.limit : null;
  const own = MEASURED[of.kind];
  return {
    name: of.name.trim(),
    kind: of.kind,
    measure: own ? (own.includes(of.measure) ? of.measure : own[0]) : "cost",
    filters: filtersOf(of.rows),
    by: GROUPED.includes(of.kind) ? of.by : [],
    window: of.window,
    compare: compares ? { ratio: of.ratio, [of.compared]: of.comparedWith } : null,
    limit,
    critical_limit: limit !== null && of.criticalLimit !== "" ? of.criticalLimit : null,
    direction: of.kind === "threshold" ? of.direction : "above",
    sensitivity: of.sensitivity,
    least_usd: of.leastUsd || "0",
    least_calls: Number(of.leastCalls || "0"),
    severity: of.severity,
    channels: of.channels,
    every: of.every,
    cooldown: of.cooldown,
    remind: of.remind,
    quiet_hours: of.quiet
      ? { from: of.quietFrom, to: of.quietTo, timezone: of.quietZone, weekdays: of.quietDays }
      : null,
    enabled: of.enabled,
    observe_only: of.observeOnly,
  };
}

export type Wrong = Partial<Record<keyof Draft, string>>;

const NUMBER = /^\d{1,12}(\.\d{1,12})?$/;
const LENGTH = "30s, 90m, 24h, 14d or 4w";
const FIGURE = "A number, such as 500 or 0.05";

/** By field, as the server would say it. */
export function wrong(of: Draft): Wrong {
  const found: Wrong = {};
  if (!of.name.trim()) found.name = "Rules are told apart by their names";
  const lengths = ["window", "every"] as const;
  for (const field of lengths) if (!lengthOf(of[field])) found[field] = LENGTH;
  if (of.cooldown && of.cooldown !== "0" && of.cooldown !== "0s" && !lengthOf(of.cooldown)) found.cooldown = LENGTH;
  if (of.remind && !lengthOf(of.remind)) found.remind = `${LENGTH}, or nothing`;
  if (!found.window && lengthOf(of.window) < 60_000) found.window = "At least 1m";
  if (!found.every && (lengthOf(of.every) < 30_000 || lengthOf(of.every) > 86_400_000)) found.every = "30s to 1d";
  for (const field of ["limit", "criticalLimit", "leastUsd"] as const) {
    if (of[field] !== "" && !NUMBER.test(of[field])) found[field] = FIGURE;
  }
  if (!/^\d{1,12}$/.test(of.leastCalls || "0")) found.leastCalls = "A whole number";
  if (of.kind === "anomaly" && !(NUMBER.test(of.sensitivity) && Number(of.sensitivity) > 1)) {
    found.sensitivity = "More than 1: how many times the usual";
  }
  if (of.by.length > 2) found.by = "At most two";
  const compares = COMPARES.includes(of.kind) && of.compared !== "";
  if (of.limit === "" && (NEEDS_LIMIT.includes(of.kind) || (COMPARES.includes(of.kind) && !compares))) {
    found.limit = COMPARES.includes(of.kind) ? "A limit, or something to compare with" : FIGURE;
  }
  if (compares && !(NUMBER.test(of.ratio) && Number(of.ratio) > 0)) found.ratio = "More than 0: 2 for twice as much";
  if (compares && !lengthOf(of.comparedWith)) found.comparedWith = LENGTH;
  if (of.quiet && of.quietFrom === of.quietTo) found.quietTo = "Not when they begin";
  if (of.quiet && !of.quietDays.length) found.quietDays = "At least one day";
  return found;
}
