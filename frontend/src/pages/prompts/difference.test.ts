import { expect, test } from "vitest";
import { difference, type Part } from "./difference.ts";

const side = (parts: readonly Part[], without: Part["kind"]) =>
  parts.flatMap((part) => (part.kind === without ? [] : [part.text])).join("");

test("words that changed stand between those that did not", () => {
  expect(difference("Hello {{who}}, how are you?", "Dear {{who}}, how are you?")).toEqual([
    { kind: "gone", text: "Hello" },
    { kind: "new", text: "Dear" },
    { kind: "same", text: " {{who}}, how are you?" },
  ]);
});

test("both texts can be read from it", () => {
  const texts = ["", "a", "a b\nc", "a  b\n\nc d", "ä ö. ü", "x\n".repeat(50), "y\n".repeat(3000), "a b ".repeat(2000)];
  for (const before of texts)
    for (const after of texts) {
      const parts = difference(before, after);
      expect(side(parts, "new")).toBe(before);
      expect(side(parts, "gone")).toBe(after);
    }
});

test("equal texts have one part, and empty ones none", () => {
  expect(difference("same", "same")).toEqual([{ kind: "same", text: "same" }]);
  expect(difference("", "")).toEqual([]);
});
