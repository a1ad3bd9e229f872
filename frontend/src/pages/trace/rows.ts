/** A tree, what is folded and what is looked for in; the spans that are drawn, in order, and ways through them, out. */
import { units } from "./exact.ts";
import type { Tree } from "./tree.ts";

export interface Wanted {
  text: string;
  role: string;
  level: string;
  minMs: number;
  /** Dollars, exact. */
  minCost: string;
}

export const ANYTHING: Wanted = { text: "", role: "", level: "", minMs: 0, minCost: "" };

/** Which spans match; null where nothing is looked for. */
export function matches(tree: Tree, wanted: Wanted): Uint8Array | null {
  const text = wanted.text.trim().toLowerCase();
  const least = /^\d+(\.\d+)?$/.test(wanted.minCost) ? units(wanted.minCost) : null;
  if (!text && !wanted.role && !wanted.level && !wanted.minMs && least === null) return null;
  const { call_columns: calls, texts } = tree.told;
  const found = new Uint8Array(tree.count);
  for (let at = 0; at < tree.count; at++) {
    if (wanted.role && tree.role[at] !== wanted.role) continue;
    if (wanted.level && tree.level[at] !== wanted.level) continue;
    if (wanted.minMs && tree.duration[at]! < wanted.minMs * 1000) continue;
    if (least !== null && (tree.own[at] ?? -1n) < least) continue;
    if (text && !tree.names[at]!.toLowerCase().includes(text) && !tree.ids[at]!.startsWith(text)) {
      const number = tree.call[at]!;
      const model = number < 0 ? "" : `${texts[calls.request_model[number]!]} ${texts[calls.response_model[number]!]}`;
      if (!model.toLowerCase().includes(text)) continue;
    }
    found[at] = 1;
  }
  return found;
}

/** Places in drawing order: without what is folded, and of what is looked for with all above it. */
export function visible(tree: Tree, folded: ReadonlySet<number>, found: Uint8Array | null): Int32Array {
  let kept = found;
  if (found) {
    kept = found.slice();
    for (let at = tree.count - 1; at >= 0; at--) {
      const above = tree.under[at]!;
      if (kept[at] && above >= 0) kept[above] = 1;
    }
  }
  const rows = new Int32Array(tree.count);
  let shown = 0;
  for (let at = 0; at < tree.count;) {
    if (!kept || kept[at]) rows[shown++] = at;
    at += folded.has(at) ? tree.descendants[at]! + 1 : 1;
  }
  return rows.slice(0, shown);
}

/** The row of a place, or of the nearest one above it that is drawn. */
export function rowOf(tree: Tree, rows: Int32Array, place: number): number {
  for (let at = place; at >= 0; at = tree.under[at]!) {
    let low = 0;
    let high = rows.length - 1;
    while (low <= high) {
      const middle = (low + high) >> 1;
      if (rows[middle] === at) return middle;
      if (rows[middle]! < at) low = middle + 1;
      else high = middle - 1;
    }
  }
  return -1;
}

/** What is above a place must not be folded for it to be seen. */
export function unfoldedTo(tree: Tree, folded: ReadonlySet<number>, place: number): ReadonlySet<number> {
  let next: Set<number> | null = null;
  for (let at = tree.under[place]!; at >= 0; at = tree.under[at]!) {
    if (folded.has(at)) (next ??= new Set(folded)).delete(at);
  }
  return next ?? folded;
}

export function nextError(tree: Tree, from: number, step: 1 | -1): number {
  for (let moved = 1; moved <= tree.count; moved++) {
    const at = (((from + step * moved) % tree.count) + tree.count) % tree.count;
    if (tree.failed[at]) return at;
  }
  return -1;
}

export function dearest(tree: Tree): number {
  let found = -1;
  for (let at = 0; at < tree.count; at++) {
    if (tree.own[at] !== null && (found < 0 || tree.own[at]! > tree.own[found]!)) found = at;
  }
  return found;
}

/** The spans that kept the trace from ending earlier: from the last end back, whichever ended last before. */
export function criticalPath(tree: Tree): Set<number> {
  const end = (at: number) => tree.start[at]! + tree.duration[at]!;
  const path = new Set<number>();
  let root = -1;
  for (let at = 0; at < tree.count; at += tree.descendants[at]! + 1) if (root < 0 || end(at) > end(root)) root = at;
  const waiting: [number, number][] = root < 0 ? [] : [[root, end(root)]];
  while (waiting.length) {
    const [at, until] = waiting.pop()!;
    path.add(at);
    const below: number[] = [];
    for (let child = at + 1; child <= at + tree.descendants[at]!; child += tree.descendants[child]! + 1)
      below.push(child);
    below.sort((one, other) => end(other) - end(one));
    let cursor = until;
    for (const child of below) {
      if (tree.start[child]! >= cursor || end(child) > cursor) continue;
      waiting.push([child, end(child)]);
      cursor = tree.start[child]!;
    }
  }
  return path;
}
