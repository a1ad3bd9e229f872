/** Scores, intervals, verdicts and choices in; how they are written, out. */
import { count, percent } from "../../format.ts";
import type { Comparison } from "./questions.ts";

interface Mean {
  kind: string;
  mean: number | null;
  low: number | null;
  high: number | null;
  labels: Record<string, number>;
}

/** Four significant digits are more than any sample bears. */
export function figure(value: number | null | undefined): string {
  if (value === null || value === undefined) return "—";
  const text = String(Number(value.toPrecision(3)));
  return text.replace("-", "−");
}

export function signed(value: number | null | undefined): string {
  if (value === null || value === undefined) return "—";
  return value > 0 ? `+${figure(value)}` : figure(value);
}

export function meanOf(score: Mean): string {
  if (score.mean === null) return labelsOf(score.labels);
  return score.kind === "boolean" ? percent(score.mean) : figure(score.mean);
}

export function intervalOf(score: Mean): string {
  if (score.mean === null || score.low === null || score.high === null) return "";
  const write = score.kind === "boolean" ? percent : figure;
  return `${write(score.low)} to ${write(score.high)}`;
}

function labelsOf(labels: Record<string, number>): string {
  const told = Object.entries(labels).sort(([, a], [, b]) => b - a);
  return told.map(([name, often]) => `${name} ${count(often)}`).join(", ") || "—";
}

/** What one evaluator said of one case. */
export function saidOf(value: number | boolean | string): string {
  if (typeof value === "boolean") return value ? "yes" : "no";
  return typeof value === "number" ? figure(value) : value;
}

const VERDICTS: Record<string, string> = {
  better: "better",
  worse: "worse",
  no_difference_seen: "no difference seen",
  too_few_cases: "too few cases to tell",
};

export function verdict(code: string): string {
  return VERDICTS[code] ?? code;
}

/** What distinguishes a run, short. */
export function metadataOf(metadata: unknown): string {
  if (metadata === null || metadata === undefined) return "";
  if (typeof metadata !== "object") return String(metadata);
  return Object.entries(metadata)
    .map(([name, value]) => `${name}: ${textOf(value)}`)
    .join(", ");
}

/** Inputs and outputs as text: what is compared and shown. */
export function textOf(value: unknown): string {
  if (value === null || value === undefined) return "";
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** The cheapest run that is good enough, in one sentence. */
export function choiceOf({ choice, runs, base }: Comparison): string {
  if (!choice.scores.length)
    return "No score that both have can be compared by its mean, so none can be chosen by quality.";
  const within = `${choice.scores.join(", ")} by more than ${figure(choice.delta)}`;
  const wanted = percent(choice.wanted_confidence);
  const found = runs.find((run) => run.id === choice.run_id);
  if (!found)
    return `For no run are cost and quality both known well enough to choose it (${wanted} confidence wanted).`;
  if (found.id === base)
    return `The baseline ${found.name} stays the choice: no cheaper run is, with ${wanted} confidence, not worse in ${within}.`;
  const sure = choice.runs.find((run) => run.run_id === found.id)?.confidence;
  return `${found.name} is the cheapest run that is not worse than the baseline in ${within}: ${sure === null || sure === undefined ? "its confidence is unknown" : `${percent(sure)} confidence`}.`;
}

/** How sure it is of each run that it is good enough, whether it was chosen or not. */
export function suresOf({ choice, runs }: Comparison): string {
  return choice.runs
    .map((one) => `${runs.find((run) => run.id === one.run_id)?.name ?? one.run_id} ${percent(one.confidence)}`)
    .join(", ");
}
