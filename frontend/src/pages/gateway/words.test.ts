/** Conditions, targets and fields are read aloud. */
import { expect, it } from "vitest";
import { conditionInWords, fieldInWords, reasonInWords, targetsInWords } from "./words.ts";

it.each([
  [null, "all calls"],
  [{}, "all calls"],
  [{ "==": [{ var: "metadata.plan" }, "pro"] }, "metadata.plan is “pro”"],
  [
    {
      and: [
        { in: [{ var: "user" }, ["u1", "u2"]] },
        { or: [{ ">": [{ var: "metadata.age" }, 3] }, { "!": { var: "session" } }] },
      ],
    },
    "user is one of “u1”, “u2” and (metadata.age is above 3 or session is not told)",
  ],
  [{ in: ["beta", { var: "metadata.flags" }] }, "metadata.flags holds “beta”"],
  [{ "==": [{ var: "user" }, null] }, "user is not told"],
  [{ odd: [1] }, '{"odd":[1]}'],
])("%j", (condition, words) => {
  expect(conditionInWords(condition)).toBe(words);
});

it("says where calls go", () => {
  const one = { account: "", provider: "openai", model: "gpt-4o", weight: 3 };
  const other = { account: "eu", provider: "", model: "", weight: 1 };
  expect(targetsInWords({ targets: [one, other], strategy: "fallback" })).toBe(
    "gpt-4o at openai, else the model asked for at @eu",
  );
  expect(targetsInWords({ targets: [one, other], strategy: "balance" })).toBe(
    "75 % gpt-4o at openai, 25 % the model asked for at @eu",
  );
});

it("names fields", () => {
  expect(fieldInWords("retries.attempts")).toBe("Retries: attempts of one target");
  expect(fieldInWords("parameters.top_p")).toBe("Parameters: top_p");
});

it("tells why calls were refused, also by what is new", () => {
  expect(reasonInWords("budget_exceeded")).toBe("over a budget");
  expect(reasonInWords("no_variant")).toBe("no variant");
});
