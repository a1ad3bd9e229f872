/** An incident and what found it in; which calls to ask for over which time, and from the answer what to draw, out. */
import type { Measures, Spend } from "../../api/questions.ts";
import type { Band } from "../../charts/baseline.ts";
import { callCount, cost, inputTokens, type Measure, outputTokens, type Over } from "../../charts/series.ts";
import type { Unit } from "../../charts/written.ts";
import type { Search } from "../../url.ts";
import type { Incident, Rule } from "./questions.ts";
import { MEASURES, scoped } from "./words.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** So many days before tell what is usual at an hour. */
const USUAL_DAYS = 7;
const UNITS: Record<string, number> = { s: 1000, m: MINUTE, h: HOUR, d: DAY, w: 7 * DAY };

interface Measured {
  name: string;
  of: Measure;
  unit: Unit;
  /** Whether steps may be added up to windows. */
  adds: boolean;
}

const share = (part: number, all: number) => (all ? part / all : null);
const tokens = (of: Measures) =>
  of.input_tokens === null && of.output_tokens === null ? null : (of.input_tokens ?? 0) + (of.output_tokens ?? 0);

const BY_MEASURE: Partial<Record<Rule["measure"], Omit<Measured, "name">>> = {
  cost: { of: cost, unit: "money", adds: true },
  calls: { of: callCount, unit: "count", adds: true },
  errors: { of: (of) => of.errors, unit: "count", adds: true },
  input_tokens: { of: inputTokens, unit: "count", adds: true },
  output_tokens: { of: outputTokens, unit: "count", adds: true },
  tokens: { of: tokens, unit: "count", adds: true },
  error_rate: { of: (of) => share(of.errors, of.calls), unit: "share", adds: false },
  cost_per_call: {
    of: (of) =>
      cost(of) === null ? null : share(cost(of) ?? 0, of.calls - of.unpriced_calls - of.unknown_usage_calls),
    unit: "money",
    adds: false,
  },
  latency_p50: { of: (of) => of.latency_ms?.p50 ?? null, unit: "ms", adds: false },
  latency_p95: { of: (of) => of.latency_ms?.p95 ?? null, unit: "ms", adds: false },
};

const BY_KIND: Partial<Record<string, Measured>> = {
  anomaly: { name: "cost", of: cost, unit: "money", adds: true },
  budget: { name: "cost", of: cost, unit: "money", adds: true },
  rate_limit: { name: "calls refused", of: callCount, unit: "count", adds: true },
  error_rate: { name: "error rate", of: (of) => share(of.errors, of.calls), unit: "share", adds: false },
  unpriced: { name: "calls without a price", of: (of) => of.unpriced_calls, unit: "count", adds: true },
  unknown_usage: {
    name: "share of unknown usage",
    of: (of) => share(of.unknown_usage_calls, of.calls),
    unit: "share",
    adds: false,
  },
  silent: { name: "calls", of: callCount, unit: "count", adds: true },
};

export interface Course {
  measured: Measured;
  /** What `/spend` is asked with. */
  asked: Search;
  step: number;
  /** Steps before what is shown: looked at only. */
  skip: number;
  /** Steps of a window whose sum is drawn; 1: each step by itself. */
  window: number;
  limit: number | undefined;
  /** Whether what was usual is drawn: the same hours of the days before. */
  usual: boolean;
}

export function lengthOf(text: string): number {
  const found = /^(\d+)([smhdw])$/.exec(text);
  return found ? Number(found[1]) * (UNITS[found[2] ?? ""] ?? 0) : 0;
}

/** The rule's filters and the incident's group; of rate limits only what was refused. */
export function callsOf(incident: Incident, filters: Search): Search {
  const status: Search = incident.kind === "rate_limit" ? { status: "429" } : {};
  // What budgets tell apart are periods, which are no dimension of calls.
  return { ...scoped(filters, incident.budget_id ? [] : incident.group), ...status };
}

/** Nothing where what was measured is nothing about calls over time. */
export function courseOf(incident: Incident, rule: Rule | undefined, filters: Search, now: number): Course | null {
  const known = BY_KIND[incident.kind] ?? named(rule);
  if (!known) return null;
  const window = rule && incident.kind !== "anomaly" ? lengthOf(rule.window) : 0;
  const short = window > 0 && window <= HOUR;
  const since = Date.parse(incident.since);
  const end = Math.min(now, incident.recovered_at ? Date.parse(incident.recovered_at) + (short ? HOUR : DAY / 4) : now);
  const start = since - (short ? 2 * HOUR : DAY);
  const step = end - start <= 8 * HOUR ? MINUTE : end - start <= 14 * DAY ? HOUR : DAY;
  const limit = rule?.limit && !rule.compare && incident.kind !== "runaway" ? Number(rule.limit) : undefined;
  const windowed = known.adds && limit !== undefined && window > step ? Math.round(window / step) : 1;
  const usual = windowed === 1 && step === HOUR && known.unit !== "share";
  const skip = usual ? (USUAL_DAYS * DAY) / step : windowed - 1;
  const from = Math.floor(start / step) * step - skip * step;
  return {
    measured: windowed > 1 ? { ...known, name: `${known.name} in the ${rule?.window ?? ""} up to then` } : known,
    asked: {
      ...callsOf(incident, filters),
      from: new Date(from).toISOString(),
      to: new Date(end).toISOString(),
      tz: "UTC",
      granularity: step === MINUTE ? "minute" : step === HOUR ? "hour" : "day",
    },
    step,
    skip,
    window: windowed,
    // A limit of a window says nothing about steps that are shorter.
    limit: windowed > 1 || !known.adds || window === step ? limit : undefined,
    usual,
  };
}

function named(rule: Rule | undefined): Measured | undefined {
  const found = rule && BY_MEASURE[rule.measure];
  return found && { ...found, name: MEASURES[rule.measure] };
}

export interface Drawing {
  over: Over;
  band: Band | undefined;
  spans: [number, number][];
}

export function drawing(course: Course, answer: Spend, incident: Incident, now: number): Drawing {
  const { of, adds, name } = course.measured;
  const each = answer.series.map(({ total }) => (total.calls ? of(total) : adds ? 0 : null));
  const summed = course.window > 1 ? rolling(each, course.window) : each;
  const times = answer.series.map((step) => step.time).slice(course.skip);
  const until = incident.recovered_at ? Date.parse(incident.recovered_at) : now;
  const since = Date.parse(incident.since);
  const within = times.flatMap((time, at) =>
    Date.parse(time) + course.step > since && Date.parse(time) <= until ? [at] : [],
  );
  const [first, last] = [within[0], within.at(-1)];
  return {
    over: { times, lines: [{ name, values: summed.slice(course.skip) }] },
    band: course.usual ? usual(each, course.skip) : undefined,
    spans: first !== undefined && last !== undefined ? [[first, last]] : [],
  };
}

/** For drawing only: each step with those before it. Where nobody knows a step, nobody knows the sum. */
export function rolling(values: readonly (number | null)[], width: number): (number | null)[] {
  return values.map((_, at) => {
    const window = values.slice(Math.max(0, at + 1 - width), at + 1);
    return window.some((value) => value === null) ? null : window.reduce<number>((sum, value) => sum + (value ?? 0), 0);
  });
}

/** The least, the middle and the most of the same hour of the days before. */
export function usual(values: readonly (number | null)[], skip: number): Band {
  const band: Band = { low: [], middle: [], high: [] };
  const perDay = skip / USUAL_DAYS;
  for (let at = skip; at < values.length; at++) {
    const before = Array.from({ length: USUAL_DAYS }, (_, day) => values[at - (day + 1) * perDay] ?? null)
      .filter((value) => value !== null)
      .sort((a, b) => a - b);
    band.low.push(before[0] ?? null);
    band.middle.push(before[before.length >> 1] ?? null);
    band.high.push(before.at(-1) ?? null);
  }
  return band;
}
