import { describe, expect, it } from "vitest";
import type { Incident, Verdict } from "./questions.ts";
import { against, amount, groupName, ordered, quiet, scoped } from "./words.ts";

const verdict = (of: Partial<Verdict>) => ({ unit: "usd", expected: null, lower: null, upper: null, ...of }) as Verdict;
const incident = (of: Partial<Incident>) => ({ opened_at: "2026-11-20T00:00:00Z", ...of }) as Incident;

describe("what incidents are told in", () => {
  it("writes figures in their unit, and never makes unknown zero", () => {
    expect(amount("512.339", "usd")).toBe("$512.34");
    expect(amount("0.125", "ratio")).toBe("13 %");
    expect(amount("1250", "calls")).toBe("1,250 calls");
    expect(amount("90", "seconds")).toBe("1m 30s");
    expect(amount(null, "usd")).toBe("—");
  });
  it("says what it is held against", () => {
    expect(against(verdict({ upper: "500" }))).toBe("limit $500.00");
    expect(against(verdict({ expected: "4.2", upper: "12.6" }))).toBe("usually $4.20, at most $12.60");
    expect(against(verdict({ unit: "calls", lower: "1" }))).toBe("at least 1 calls");
    expect(against(verdict({}))).toBe("");
  });
  it("names groups, and makes filters of them", () => {
    const group = [
      { dimension: "feature", value: "chat" },
      { dimension: "tag.tenant", value: null },
    ];
    expect(groupName(group)).toBe("feature chat, tenant (none)");
    expect(groupName([])).toBe("all calls");
    expect(scoped({ environment: "prod" }, group)).toEqual({ environment: "prod", feature: "chat", "tag.tenant": "" });
  });
  it("puts what is open and grave on top", () => {
    const all = [
      incident({ id: "over", status: "recovered", severity: "critical" }),
      incident({ id: "seen", status: "acknowledged", severity: "critical" }),
      incident({ id: "warns", status: "open", severity: "warning" }),
      incident({ id: "burns", status: "open", severity: "critical" }),
    ];
    expect(ordered(all).map((one) => one.id)).toEqual(["burns", "warns", "seen", "over"]);
  });
  it("says why nobody hears of one", () => {
    const now = Date.parse("2026-11-20T12:00:00Z");
    expect(quiet(incident({ expected_at: null, snoozed_until: "2026-11-20T13:00:00Z" }), now)).toBe("snoozed");
    expect(quiet(incident({ expected_at: null, snoozed_until: "2026-11-20T11:00:00Z" }), now)).toBe("");
  });
});
