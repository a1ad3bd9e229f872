/** Items of a comparison in; which became worse, and where the next of them is, out. */
import type { Comparison, Item } from "./questions.ts";

/** In any run, in the score meant or in any. */
export function regressed(item: Item, of: Comparison, score: string): boolean {
  const lower = new Set(of.scores.filter((score) => score.lower_is_better).map((score) => score.name));
  return Object.values(item.runs).some((cell) =>
    Object.entries(cell?.changes ?? {}).some(
      ([name, change]) => (!score || name === score) && (lower.has(name) ? change > 0 : change < 0),
    ),
  );
}

/** The place of the next regression that way; -1: none. */
export function moved(rows: readonly Item[], of: Comparison, score: string, from: number, step: 1 | -1): number {
  const start = from < 0 && step < 0 ? rows.length : from;
  for (let at = start + step; at >= 0 && at < rows.length; at += step) {
    const item = rows[at];
    if (item && regressed(item, of, score)) return at;
  }
  return -1;
}
