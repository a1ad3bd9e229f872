/** Versions of prompts, as a form has them; what is sent. */
import { expect, test } from "vitest";
import { draftOf, labelsOf, NEW, wanted } from "./draft.ts";
import type { Version } from "./questions.ts";

const CHAT = {
  name: "support/reply",
  type: "chat",
  prompt: [
    { role: "system", content: "Be kind to {{who}}." },
    { type: "placeholder", name: "history" },
  ],
  config: { temperature: 0.2 },
  labels: ["production", "latest"],
} as unknown as Version;

test("a next version says what this one does, and stands under no label", () => {
  const draft = draftOf(CHAT);
  expect(draft.labels).toBe("");
  const { body, errors } = wanted(draft);
  expect(errors).toEqual({});
  expect(body).toMatchObject({ name: "support/reply", type: "chat", prompt: CHAT.prompt, config: CHAT.config });
  expect(wanted({ ...draft, labels: "staging, production staging", why: " shorter " }).body).toMatchObject({
    labels: ["staging", "production"],
    commit_message: "shorter",
  });
});

test("what is missing or wrong is said of its field", () => {
  expect(wanted(NEW).errors).toEqual({ name: "A name is needed.", text: "What it says is missing." });
  const chat = { ...NEW, name: "a", type: "chat" as const };
  expect(wanted(chat).errors).toEqual({ messages: "A chat has a message." });
  expect(wanted({ ...chat, messages: [{ role: "placeholder", content: "my place" }] }).errors.messages).toMatch(
    /named/,
  );
  expect(wanted({ ...NEW, name: "a", text: "b", config: "{" }).errors).toEqual({ config: "It is no JSON." });
  expect(wanted({ ...NEW, name: "a", text: "b" }).body).toMatchObject({ prompt: "b", config: null, labels: [] });
  expect(labelsOf(" ,, a")).toEqual(["a"]);
});
