/** A score in; what it says in a word, and the filter that finds its like, out. */
import type { Schemas } from "../api/client.ts";

export type Score = Schemas["Score"];

/** A label, a number as short as it can be told, or the beginning of a text. */
export function saidBy(of: Pick<Score, "value" | "label" | "text">): string {
  if (of.label !== null) return of.label;
  if (of.value !== null) return Number(of.value.toPrecision(4)).toString();
  return of.text === null ? "—" : of.text.length > 40 ? `${of.text.slice(0, 40)}…` : of.text;
}

/** Of labels the same one; of numbers those that are no better told, as what is looked for is what went wrong. */
export function likeScore(of: Pick<Score, "name" | "value" | "label">): readonly [string, string] | null {
  if (of.label !== null) return [`score.${of.name}`, of.label];
  return of.value === null ? null : [`score.${of.name}<`, String(of.value)];
}
