/** A trace's columns in; each span's offsets, sums and place, computed once and in one pass each, out. */
import type { Schemas } from "../../api/client.ts";
import { plus, units } from "./exact.ts";

export type Timeline = Schemas["Timeline"];

export const ROLES = ["model", "tool", "retrieval", "agent", "other"] as const;
export type Role = (typeof ROLES)[number];

/** The n-th of every list is of the n-th span in drawing order: each right before those below it. */
export interface Tree {
  told: Timeline;
  count: number;
  ids: string[];
  names: string[];
  depth: number[];
  under: number[];
  children: number[];
  descendants: number[];
  start: number[];
  duration: number[];
  /** Microseconds from the first start to the last end. */
  total: number;
  failed: Uint8Array;
  role: Role[];
  level: string[];
  orphan: Uint8Array;
  log: Uint8Array;
  /** The place in the call columns; -1 where the span is no call. */
  call: Int32Array;
  own: (bigint | null)[];
  subtree: (bigint | null)[];
  /** Input and output of all calls owned there or below; -1 where nobody told. */
  tokens: Float64Array;
  /** Calls without a known cost, there or below. */
  uncovered: Int32Array;
  position: Int32Array;
  siblings: Int32Array;
  attempts: Map<number, Attempts>;
}

export interface Attempts {
  number: number;
  wasted: number;
  /** What the failed ones cost; null where nobody knows. */
  cost: bigint | null;
}

const TOOL = /tool|function/i;
const RETRIEVAL = /retriev|rerank|vector|search_documents/i;
const AGENT = /agent|workflow|chain/i;
const MODEL = /^(chat|text_completion|generate_content|embeddings?|llm|generation|completion)$/i;

function roleOf(told: string, isCall: boolean): Role {
  if (isCall || MODEL.test(told)) return "model";
  if (TOOL.test(told)) return "tool";
  if (RETRIEVAL.test(told)) return "retrieval";
  return AGENT.test(told) ? "agent" : "other";
}

export function grow(told: Timeline): Tree {
  const spans = told.span_columns;
  const calls = told.call_columns;
  const text = (at: number | undefined) => told.texts[at ?? 0] ?? "";
  const count = spans.span_id.length;
  const call = new Int32Array(count).fill(-1);
  calls.at.forEach((at, number) => (call[at] = number));
  const flags = (places: number[]) => {
    const found = new Uint8Array(count);
    for (const at of places) found[at] = 1;
    return found;
  };
  let total = 1;
  for (let at = 0; at < count; at++) total = Math.max(total, (spans.start_us[at] ?? 0) + (spans.duration_us[at] ?? 0));
  const roles = new Map<number, Role>();
  const role = spans.role.map((told, at): Role => {
    if ((call[at] ?? -1) >= 0) return "model";
    let found = roles.get(told);
    if (!found) roles.set(told, (found = roleOf(text(told), false)));
    return found;
  });
  const failed = new Uint8Array(count);
  for (let at = 0; at < count; at++) {
    const number = call[at] ?? -1;
    failed[at] = spans.status[at] === 2 || (number >= 0 && calls.failed[number]) ? 1 : 0;
  }
  const tree: Tree = {
    told,
    count,
    ids: spans.span_id,
    names: spans.name.map(text),
    depth: spans.depth,
    under: spans.under,
    children: spans.children,
    descendants: spans.descendants,
    start: spans.start_us,
    duration: spans.duration_us,
    total,
    failed,
    role,
    level: spans.level.map((at, place) => (failed[place] ? "error" : text(at).toLowerCase() || "default")),
    orphan: flags(spans.orphans),
    log: flags(spans.logs),
    call,
    ...sums(told, call),
    ...positions(spans.under, spans.children),
    attempts: new Map(),
  };
  tree.attempts = attempts(tree);
  return tree;
}

/** Those below come after those above: one pass from the end adds every span to the one above it. */
function sums(told: Timeline, call: Int32Array): Pick<Tree, "own" | "subtree" | "tokens" | "uncovered"> {
  const { under } = told.span_columns;
  const calls = told.call_columns;
  const count = under.length;
  const own: (bigint | null)[] = new Array(count).fill(null);
  const tokens = new Float64Array(count).fill(-1);
  const uncovered = new Int32Array(count);
  for (let at = 0; at < count; at++) {
    const number = call[at] ?? -1;
    if (number < 0 || calls.restated[number]) continue;
    const cost = calls.cost_usd[number] ?? null;
    if (cost !== null) own[at] = units(cost);
    else if (!calls.failed[number] || told.texts[calls.cost_status[number] ?? 0] === "unpriced") uncovered[at] = 1;
    const input = calls.input_tokens[number] ?? null;
    const output = calls.output_tokens[number] ?? null;
    if (input !== null || output !== null) tokens[at] = (input ?? 0) + (output ?? 0);
  }
  const subtree = own.slice();
  for (let at = count - 1; at >= 0; at--) {
    const above = under[at] ?? -1;
    if (above < 0) continue;
    subtree[above] = plus(subtree[above] ?? null, subtree[at] ?? null);
    uncovered[above]! += uncovered[at]!;
    if (tokens[at]! >= 0) tokens[above] = Math.max(0, tokens[above]!) + tokens[at]!;
  }
  return { own, subtree, tokens, uncovered };
}

function positions(under: number[], children: number[]): Pick<Tree, "position" | "siblings"> {
  const count = under.length;
  const roots = under.reduce((sum, above) => sum + (above < 0 ? 1 : 0), 0);
  const seen = new Int32Array(count + 1);
  const position = new Int32Array(count);
  const siblings = new Int32Array(count);
  for (let at = 0; at < count; at++) {
    const above = under[at] ?? -1;
    position[at] = ++seen[above < 0 ? count : above]!;
    siblings[at] = above < 0 ? roots : (children[above] ?? 0);
  }
  return { position, siblings };
}

/** Calls of one model under one span, each after one that failed, are attempts at the same. */
function attempts(tree: Tree): Map<number, Attempts> {
  const calls = tree.told.call_columns;
  const last = new Map<number, number>();
  const found = new Map<number, Attempts>();
  for (let number = 0; number < calls.at.length; number++) {
    const at = calls.at[number]!;
    const above = tree.under[at] ?? -1;
    const before = last.get(above);
    last.set(above, number);
    if (before === undefined || above < 0 || !calls.failed[before]) continue;
    if (calls.request_model[before] !== calls.request_model[number]) continue;
    const then = calls.at[before]!;
    const earlier = found.get(then);
    found.delete(then);
    found.set(at, {
      number: (earlier?.number ?? 1) + 1,
      wasted: (earlier?.wasted ?? 0) + 1,
      cost: plus(earlier?.cost ?? null, tree.own[then] ?? null),
    });
  }
  return found;
}
