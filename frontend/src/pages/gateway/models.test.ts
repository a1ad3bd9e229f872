import { expect, test } from "vitest";
import { offered } from "./models.ts";

test("each name stands once, where it is first of use", () => {
  expect(offered(["gpt-4o", ""], ["gpt-4o", "o3", "@openai/o3"], ["openai"])).toEqual([
    { group: "Used lately", items: ["gpt-4o"] },
    { group: "Offered", items: ["o3", "@openai/o3"] },
    { group: "Any other of an account", items: ["@openai/"] },
  ]);
});

test("what there is nothing of has no heading", () => {
  expect(offered([], [], [])).toEqual([]);
});
