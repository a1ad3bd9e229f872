/** Groups in; the rows of the breakdown. */
import { expect, test } from "vitest";
import type { Spend } from "../../api/questions.ts";
import { perMillion, slicesOf } from "./models.ts";
import { costEach, csv, difference, nested, rows, sorted } from "./rows.ts";

const LATENCY = { avg: 1, min: 1, max: 1, p50: 1, p95: 10 };

function group(tenant: string | null, cost_usd: string | null, more: object = {}) {
  const counts = { calls: 10, errors: 1, unpriced_calls: 0, unknown_usage_calls: 0 };
  const tokens = { input_tokens: 100, output_tokens: 20, cached_input_tokens: null };
  const costs = { input_cost_usd: cost_usd, output_cost_usd: null };
  return { tenant, model: tenant, cost_usd, ...costs, ...counts, ...tokens, latency_ms: LATENCY, ...more };
}

function spend(...groups: object[]): Spend {
  const total = group(null, "6.5");
  return {
    from: "2026-11-01T00:00:00Z",
    to: "2026-11-02T00:00:00Z",
    tz: "UTC",
    granularity: null,
    by: ["tenant"],
    total,
    groups,
    series: [],
  } as unknown as Spend;
}

const NOW = spend(group("acme", "5"), group(null, "1.5"), group("free", null, { unpriced_calls: 10 }));
const BEFORE = spend(group("acme", "5.1"), group("gone", "9"));

test("a group is held against itself before, to the last digit", () => {
  const found = rows(NOW, BEFORE, ["tenant"]);
  expect(found.map((row) => row.names[0])).toEqual(["acme", "(no tenant)", "free"]);
  expect(found.map((row) => difference(row, true))).toEqual(["-0.1", "1.5", null]);
  expect(difference(found[0]!, false)).toBeNull();
});

test("what is unknown comes last in both directions", () => {
  const found = rows(NOW, BEFORE, ["tenant"]);
  expect(sorted(found, "-cost").map((row) => row.names[0])).toEqual(["acme", "(no tenant)", "free"]);
  expect(sorted(found, "cost").map((row) => row.names[0])).toEqual(["(no tenant)", "acme", "free"]);
  expect(sorted(found, "name").map((row) => row.names[0])).toEqual(["(no tenant)", "acme", "free"]);
});

test("a request's cost is that of the requests with a known cost", () => {
  expect(costEach(group("a", "1", { unpriced_calls: 6 }) as never)).toBe("0.25");
  expect(costEach(group("a", null, { unpriced_calls: 10 }) as never)).toBeNull();
});

test("the file for billing is exact, leaves the unknown empty and holds no formula", () => {
  const now = spend(group("=1+1", "0.000000000001"), group('a,"b', null));
  const lines = csv(now, rows(now, undefined, ["tenant"]), ["tenant"]).split("\r\n");
  expect(lines[0]).toBe(
    "tenant,from,to,currency,cost,input_cost,output_cost,requests,errors,input_tokens,cached_input_tokens,output_tokens,unpriced_requests,unknown_requests",
  );
  expect(lines[1]).toBe(
    "'=1+1,2026-11-01T00:00:00Z,2026-11-02T00:00:00Z,USD,0.000000000001,0.000000000001,,10,1,100,,20,0,0",
  );
  expect(lines[2]).toMatch(/^"a,""b",.*,USD,,,,10,/);
});

test("a ring's slices are the dearest seven and the rest, exactly", () => {
  const many = spend(...Array.from({ length: 9 }, (_, at) => group(`m${at}`, `0.${9 - at}`)), group("none", null));
  const slices = slicesOf(many, "model");
  expect(slices.map((slice) => slice.name)).toEqual(["m0", "m1", "m2", "m3", "m4", "m5", "m6", "Other"]);
  expect(slices.at(-1)?.exact).toBe("$0.3");
});

test("a million tokens of a model without a price cost nobody knows what", () => {
  expect(perMillion({ cost_usd: "0.12", input_tokens: 100_000, output_tokens: 20_000 })).toBe("1");
  expect(perMillion({ cost_usd: null, input_tokens: 1, output_tokens: 1 })).toBeNull();
  expect(perMillion({ cost_usd: "1", input_tokens: 0, output_tokens: null })).toBeNull();
});

test("of two dimensions the rows of the first hold those of the second", () => {
  const pair = (tenant: string | null, model: string, cost: string) => ({ ...group(tenant, cost), model });
  const both = spend(pair("acme", "a", "1"), pair(null, "a", "1.5"), pair("acme", "b", "4"), {
    ...group("x", "0.1"),
    others: true,
  });
  const found = nested(rows(NOW, undefined, ["tenant"]), rows(both, undefined, ["tenant", "model"]), "-cost");
  expect(found.map((row) => row.names)).toEqual([
    ["acme"],
    ["", "b"],
    ["", "a"],
    ["(no tenant)"],
    ["", "a"],
    ["free"],
    ["Other", ""],
  ]);
});
