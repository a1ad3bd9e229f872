/** How scores, verdicts and the choice are written. */
import { describe, expect, it } from "vitest";
import type { Comparison } from "./questions.ts";
import { choiceOf, figure, intervalOf, meanOf, metadataOf, saidOf, signed, textOf, verdict } from "./words.ts";

const numeric = { kind: "numeric", mean: 0.81234, low: 0.7, high: 0.9, labels: {} };

describe("a score", () => {
  it("is a mean with its interval", () => {
    expect([meanOf(numeric), intervalOf(numeric)]).toEqual(["0.812", "0.7 to 0.9"]);
    expect(meanOf({ ...numeric, kind: "boolean" })).toBe("81 %");
    expect(meanOf({ ...numeric, mean: null, kind: "categorical", labels: { flat: 2, warm: 9 } })).toBe(
      "warm 9, flat 2",
    );
    expect(intervalOf({ ...numeric, low: null })).toBe("");
  });
  it("is never zero where it is unknown", () => {
    expect([figure(null), figure(0), signed(0.02), signed(-0.5), signed(undefined)]).toEqual([
      "—",
      "0",
      "+0.02",
      "−0.5",
      "—",
    ]);
    expect([saidOf(true), saidOf(0.33333), saidOf("warm")]).toEqual(["yes", "0.333", "warm"]);
  });
});

describe("what is shown of a run", () => {
  it("names what distinguishes it", () => {
    expect(metadataOf({ model: "gpt-4o", tags: ["a"] })).toBe('model: gpt-4o, tags: ["a"]');
    expect([metadataOf(null), textOf(undefined), textOf({ a: 1 }), verdict("worse")]).toEqual([
      "",
      "",
      '{"a":1}',
      "worse",
    ]);
  });
});

describe("the choice", () => {
  const of = (run_id: string | null, scores = ["exact"]) =>
    ({
      base: "a",
      runs: [
        { id: "a", name: "old" },
        { id: "b", name: "new" },
      ],
      choice: {
        run_id,
        delta: 0.05,
        scores,
        wanted_confidence: 0.95,
        runs: [{ run_id: "b", confidence: 0.97, cost_per_case_usd: "0.1", accepted: true }],
      },
    }) as unknown as Comparison;
  it("is one sentence with its confidence", () => {
    expect(choiceOf(of("b"))).toBe(
      "new is the cheapest run that is not worse than the baseline in exact by more than 0.05: 97 % confidence.",
    );
    expect(choiceOf(of("a"))).toContain("The baseline old stays the choice");
    expect(choiceOf(of(null))).toContain("For no run");
    expect(choiceOf(of(null, []))).toContain("No score");
  });
});
