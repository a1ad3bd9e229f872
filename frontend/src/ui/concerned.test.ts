import { describe, expect, it } from "vitest";
import { concerns, stepsOf } from "./concerned.ts";
import type { Incident } from "./incidents.ts";

const chat = { group: [{ dimension: "feature", value: "chat" }], budget_id: null };

describe("incidents on other pages", () => {
  it("are in scope unless a filter leaves their calls out", () => {
    expect(concerns(chat, {})).toBe(true);
    expect(concerns(chat, { feature: ["chat", "search"], model: "gpt-4o" })).toBe(true);
    expect(concerns(chat, { feature: "search" })).toBe(false);
    expect(concerns(chat, { feature: "!chat" })).toBe(false);
    expect(concerns({ group: [{ dimension: "period", value: "2026-11-01" }], budget_id: "b" }, {})).toBe(true);
  });
  it("stand at the step in which they began", () => {
    const all = ["2026-11-19T23:59:00Z", "2026-11-20T00:00:00Z", "2026-11-01T00:00:00Z"].map(
      (since, at) => ({ since, id: String(at) }) as Incident,
    );
    const steps = stepsOf(all, ["2026-11-19T00:00:00Z", "2026-11-20T00:00:00Z"]);
    expect([...steps].map(([step, found]) => [step, found.map((one) => one.id)])).toEqual([
      [0, ["0"]],
      [1, ["1"]],
    ]);
  });
});
