/** What scores may be and what somebody filled in; the scores that are sent, or what is wrong with them, out. */
import type { Schemas } from "../../api/client.ts";
import type { Config } from "./questions.ts";

/** What scores of a config may be, in words. */
export function allowed(of: Config): string {
  if (of.data_type === "CATEGORICAL") return (of.categories ?? []).map((one) => one.label).join(", ");
  if (of.data_type === "BOOLEAN") return "yes or no";
  if (of.data_type === "TEXT") return "any text";
  const [low, high] = [of.min_value ?? null, of.max_value ?? null];
  if (low !== null && high !== null) return `${low} to ${high}`;
  if (low !== null) return `${low} or more`;
  return high === null ? "any number" : `${high} or less`;
}

/** What somebody filled in of each config, by its id; "" is nothing. */
export type Filled = Readonly<Record<string, string>>;

export interface Judgement {
  scores: Schemas["farthing__api__score_schemas__ScorePosted"][];
  errors: Readonly<Record<string, string>>;
}

/** What is judged: a trace, one of its spans, or a session. */
export interface Judged {
  trace_id?: string;
  span_id?: string;
  session_id?: string;
}

export function judgement(known: readonly Config[], filled: Filled, of: Judged, comment: string, author: string) {
  const errors: Record<string, string> = {};
  const scores: Judgement["scores"] = [];
  for (const config of known) {
    const said = (filled[config.id] ?? "").trim();
    if (!said) continue;
    const number = Number(said);
    if (config.data_type === "NUMERIC") {
      const [low, high] = [config.min_value ?? -Infinity, config.max_value ?? Infinity];
      if (!/^-?\d+(\.\d+)?$/.test(said) || number < low || number > high) {
        errors[config.id] = `${allowed(config)}.`;
        continue;
      }
    }
    scores.push({
      ...of,
      name: config.name,
      data_type: config.data_type,
      value: config.data_type === "NUMERIC" ? number : config.data_type === "BOOLEAN" ? said === "yes" : said,
      config_id: config.id,
      source: "ANNOTATION",
      comment: comment.trim() || null,
      author: author || null,
    });
  }
  return { scores, errors };
}
