/** Trees: exact sums, what is drawn, and the ways through them. */
import { describe, expect, it } from "vitest";
import { decimal, share, units } from "./exact.ts";
import { ANYTHING, criticalPath, dearest, matches, nextError, rowOf, unfoldedTo, visible } from "./rows.ts";
import { grow, type Timeline } from "./tree.ts";

interface Given {
  under: number;
  start: number;
  lasts: number;
  name?: string;
  role?: string;
  cost?: string | null;
  failed?: boolean;
  restated?: boolean;
  tokens?: number;
}

/** What the server would tell of these spans, which stand in drawing order. */
function told(given: Given[]): Timeline {
  const texts = [""];
  const place = (text: string) => {
    if (!texts.includes(text)) texts.push(text);
    return texts.indexOf(text);
  };
  const depth: number[] = [];
  const descendants = given.map(() => 0);
  given.forEach((one) => depth.push(one.under < 0 ? 0 : depth[one.under]! + 1));
  for (let at = given.length - 1; at >= 0; at--)
    if (given[at]!.under >= 0) descendants[given[at]!.under]! += descendants[at]! + 1;
  const calls = given.flatMap((one, at) => (one.cost === undefined ? [] : [{ ...one, at }]));
  const none = calls.map(() => 0);
  return {
    scores: [],
    span_columns: {
      span_id: given.map((_, at) => at.toString(16).padStart(16, "0")),
      start_us: given.map((one) => one.start),
      duration_us: given.map((one) => one.lasts),
      kind: given.map(() => 1),
      status: given.map((one) => (one.failed ? 2 : 0)),
      name: given.map((one) => place(one.name ?? "")),
      role: given.map((one) => place(one.role ?? "")),
      level: given.map(() => 0),
      scope_name: given.map(() => 0),
      depth,
      under: given.map((one) => one.under),
      children: given.map((_, at) => given.filter((other) => other.under === at).length),
      descendants,
      orphans: [],
      logs: [],
    },
    call_columns: {
      at: calls.map((one) => one.at),
      provider: none,
      request_model: calls.map((one) => place(one.name ?? "")),
      response_model: none,
      operation: none,
      error_type: none,
      finish_reason: none,
      cost_status: calls.map((one) => place(one.cost === null ? "unpriced" : "computed")),
      input_tokens: calls.map((one) => one.tokens ?? null),
      cached_input_tokens: calls.map(() => null),
      output_tokens: calls.map(() => null),
      reasoning_tokens: calls.map(() => null),
      failed: calls.map((one) => one.failed ?? false),
      restated: calls.map((one) => one.restated ?? false),
      cost_usd: calls.map((one) => one.cost ?? null),
      ttft_us: calls.map(() => null),
      owner_id: calls.map(() => null),
    },
    texts,
  } as unknown as Timeline;
}

const tree = grow(
  told([
    { under: -1, start: 0, lasts: 100, name: "run", role: "invoke_agent" },
    { under: 0, start: 0, lasts: 40, name: "step" },
    { under: 1, start: 0, lasts: 10, name: "gpt-4o", cost: "0.1", failed: true },
    { under: 1, start: 12, lasts: 20, name: "gpt-4o", cost: "0.200000000000000000000001", tokens: 7 },
    { under: 0, start: 40, lasts: 60, name: "search", role: "execute_tool" },
    { under: 4, start: 41, lasts: 5, name: "quill-9", cost: null },
    { under: 4, start: 50, lasts: 50, name: "copy", cost: "5", restated: true },
  ]),
);

describe("sums", () => {
  it("are exact to the last digit and leave out what another call owns", () => {
    expect(tree.subtree.map((one) => decimal(one ?? null))).toEqual([
      "0.300000000000000000000001",
      "0.300000000000000000000001",
      "0.1",
      "0.200000000000000000000001",
      null,
      null,
      null,
    ]);
  });
  it("tell how many calls they do not cover", () => {
    expect([...tree.uncovered]).toEqual([1, 0, 0, 0, 1, 1, 0]);
  });
  it("take unknown tokens for unknown", () => {
    expect([...tree.tokens]).toEqual([7, 7, -1, 7, -1, -1, -1]);
  });
  it("put attempts at the same together at the last one", () => {
    expect([...tree.attempts]).toEqual([[3, { number: 2, wasted: 1, cost: units("0.1") }]]);
  });
  it("go there and back as decimals", () => {
    for (const text of ["0", "12.5", "-0.000001", "123456789.000000000000000000000001"])
      expect(decimal(units(text))).toBe(text);
    expect(share(units("1"), units("4"))).toBe(0.25);
    expect(share(units("1"), 0n)).toBeNull();
  });
});

describe("rows", () => {
  it("leave out what is folded, and show what is looked for with all above it", () => {
    expect([...visible(tree, new Set([1]), null)]).toEqual([0, 1, 4, 5, 6]);
    const found = matches(tree, { ...ANYTHING, text: "QUILL" });
    expect([...visible(tree, new Set(), found)]).toEqual([0, 4, 5]);
    expect([...matches(tree, { ...ANYTHING, role: "tool" })!]).toEqual([0, 0, 0, 0, 1, 0, 0]);
    expect([...matches(tree, { ...ANYTHING, minCost: "0.2" })!]).toEqual([0, 0, 0, 1, 0, 0, 0]);
    expect(matches(tree, ANYTHING)).toBeNull();
  });
  it("are found by their span, or by what is above it", () => {
    const rows = visible(tree, new Set([1]), null);
    expect(rowOf(tree, rows, 4)).toBe(2);
    expect(rowOf(tree, rows, 3)).toBe(1);
    expect([...unfoldedTo(tree, new Set([0, 1, 4]), 3)]).toEqual([4]);
  });
  it("know the next error and the dearest span", () => {
    expect([nextError(tree, -1, 1), nextError(tree, 2, 1), nextError(tree, 5, -1)]).toEqual([2, 2, 2]);
    expect(dearest(tree)).toBe(3);
  });
  it("know what kept the trace: whatever ended last before what came next", () => {
    const parallel = grow(
      told([
        { under: -1, start: 0, lasts: 100 },
        { under: 0, start: 0, lasts: 30 },
        { under: 0, start: 5, lasts: 40 },
        { under: 0, start: 50, lasts: 45 },
      ]),
    );
    expect([...criticalPath(parallel)].sort()).toEqual([0, 2, 3]);
  });
  it("take spans far below each other as they come", () => {
    const deep = grow(
      told(Array.from({ length: 300 }, (_, at) => ({ under: at - 1, start: at, lasts: 1000 - at, cost: "0.000001" }))),
    );
    expect(decimal(deep.subtree[0] ?? null)).toBe("0.0003");
    expect(visible(deep, new Set(), null)).toHaveLength(300);
  });
});
