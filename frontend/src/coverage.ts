/** Sums in; what they leave out, in words, out. */
import type { Measures } from "./api/questions.ts";
import { count } from "./format.ts";

type Covered = Pick<Measures, "unpriced_calls" | "unknown_usage_calls">;

export function leftOut(of: Covered): string {
  const parts = [
    of.unpriced_calls ? `${count(of.unpriced_calls)} calls without a price` : "",
    of.unknown_usage_calls ? `${count(of.unknown_usage_calls)} calls of unknown usage` : "",
  ].filter(Boolean);
  return parts.length ? `; without ${parts.join(" and ")}` : "; all calls are in it";
}

/** The same of tokens, which need no price. */
export function untold(of: Covered): string {
  return of.unknown_usage_calls ? `; ${count(of.unknown_usage_calls)} calls told no usage` : "";
}
