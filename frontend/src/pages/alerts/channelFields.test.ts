import { describe, expect, it } from "vitest";
import { entered, FIELDS, settings, target } from "./channelFields.ts";
import type { Channel } from "./questions.ts";

const held = {
  kind: "webhook",
  settings: { body: { text: "{{ title }}" } },
  secrets: { url: "https://example.com/…1234", headers: "Authorization" },
} as unknown as Channel;

describe("the form of a channel", () => {
  it("reads numbers, lists and pairs, and says what is missing", () => {
    const typed = { host: "mail", port: "25", security: "plain", sender: "a@example.com", recipients: "b@c, d@e" };
    expect(settings("email", typed, undefined)).toEqual({
      settings: { ...typed, port: 25, recipients: ["b@c", "d@e"] },
      errors: {},
    });
    expect(settings("slack", { url: " " }, undefined).errors).toEqual({ url: "It can't do without" });
    expect(settings("webhook", { url: "https://x", headers: "none", body: "{" }, undefined).errors).toEqual({
      headers: "name=value, one per line",
      body: "JSON",
    });
  });
  it("leaves secrets alone that nobody typed again, and takes away what was emptied", () => {
    expect(settings("webhook", { headers: "A=b=c" }, held)).toEqual({
      settings: { headers: { A: "b=c" }, body: null },
      errors: {},
    });
    expect(FIELDS.webhook.map((field) => entered(held, field))).toEqual(["", "", "", '{\n  "text": "{{ title }}"\n}']);
    expect(target(held)).toBe("https://example.com/…1234");
  });
});
