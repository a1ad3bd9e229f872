/** What is edited goes back as it came; what is wrong is named. */
import { describe, expect, it } from "vitest";
import { BLANK, contentOf, draftOf, lines, object, pairs, variablesOf, wrongIn } from "./draft.ts";
import type { Content } from "./questions.ts";

const FULL: Content = {
  ...BLANK,
  targets: [{ account: "eu", provider: "", model: "gpt-4o", weight: 3 }],
  parameters: { temperature: 0.2 },
  retries: { attempts: 3, statuses: [429, 503], base_s: 0.25, longest_s: 7 },
  guards: [{ name: "models", kind: "models", on: "request", action: "block", parameters: { allow: ["gpt-4o*"] } }],
};

describe("a version's draft", () => {
  it("goes back as it came, with what can't be edited", () => {
    for (const content of [BLANK, FULL]) expect(contentOf(draftOf(content), content)).toEqual(content);
    expect(wrongIn(draftOf(FULL))).toEqual({});
  });

  it("names what is wrong", () => {
    const draft = { ...draftOf(FULL), parameters: "[1]", statuses: "4xx", attempts: "1.5", cache_ttl_s: "" };
    expect(Object.keys(wrongIn(draft)).sort()).toEqual(["attempts", "cache_ttl_s", "parameters", "statuses"]);
    const guards = draftOf(FULL).guards.map((one) => ({ ...one, name: "" }));
    expect(wrongIn({ ...draftOf(FULL), guards }).guards).toBeTruthy();
  });
});

describe("text", () => {
  it("of options", () => {
    expect(pairs("a=1\n\n b = x=y ")).toEqual({ a: "1", b: "x=y" });
    expect(pairs("nothing")).toBeNull();
    expect(pairs(lines({ region: "eu" }))).toEqual({ region: "eu" });
  });

  it("of objects", () => {
    expect([object(""), object('{"a": 1}'), object("[]"), object("{")]).toEqual([{}, { a: 1 }, null, null]);
  });

  it("of templates", () => {
    expect(variablesOf("{{ a }} {{b|upper}} {{- a.c -}} {{ 'x' }}")).toEqual(["a", "b"]);
  });
});
