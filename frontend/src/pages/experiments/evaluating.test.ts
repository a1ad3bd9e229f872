import { expect, test } from "vitest";
import { EMPTY, share, wanted } from "./evaluating.ts";

test("percent becomes a share without a float between", () => {
  expect(share("5")).toBe("0.05");
  expect(share("2.5")).toBe("0.025");
  expect(share("100")).toBe("1.00");
  expect(share("0.000001")).toBe("0.00000001");
  for (const wrong of ["0", "100.1", "", "abc", "-1", "1e1"]) expect(share(wrong)).toBeNull();
});

test("a judge needs a prompt with the answer in it, and a model", () => {
  const { errors } = wanted({ ...EMPTY, name: "polite", text: "Is this polite?" });
  expect(Object.keys(errors)).toEqual(["text", "model"]);
  const whole = wanted({
    ...EMPTY,
    name: " polite ",
    text: "Polite? {output}",
    model: "gpt-4o-mini",
    categories: "yes, no",
  });
  expect(whole.errors).toEqual({});
  expect(whole.evaluation).toEqual({
    name: "polite",
    sample: "0.05",
    evaluator: { kind: "judge", prompt: "Polite? {output}", model: "gpt-4o-mini", categories: ["yes", "no"] },
    calls_per_day: null,
    usd_per_day: "1",
  });
});

test("each kind tells what it takes, and no money where nothing is paid for", () => {
  const told = (more: object) => wanted({ ...EMPTY, name: "n", ...more });
  expect(told({ kind: "contains", text: "a\n\n b " }).evaluation).toMatchObject({
    evaluator: { kind: "contains", texts: ["a", "b"] },
    usd_per_day: null,
  });
  expect(told({ kind: "json_schema", text: "{" }).errors.text).toBeTruthy();
  expect(told({ kind: "length", least: "5", most: "3" }).errors.most).toBeTruthy();
  expect(told({ kind: "length" }).errors.least).toBeTruthy();
  expect(told({ kind: "length", most: "3" }).evaluation.evaluator).toEqual({ kind: "length", most: 3 });
  expect(told({ kind: "json" }).errors).toEqual({});
});
