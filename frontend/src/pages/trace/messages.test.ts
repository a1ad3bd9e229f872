/** Messages as libraries tell them, and binary data that is named instead of printed. */
import { describe, expect, it } from "vitest";
import { binary, said } from "./messages.ts";

describe("messages", () => {
  it("are read from parts, from counted attributes and from events alike", () => {
    const parts = said({
      "gen_ai.input.messages": JSON.stringify([{ role: "user", parts: [{ type: "text", content: "Hi" }] }]),
      "gen_ai.output.messages": [{ role: "assistant", parts: [{ type: "tool_call", name: "f" }] }],
    });
    expect(parts.input).toEqual([{ role: "user", parts: ["Hi"] }]);
    expect(parts.output).toEqual([{ role: "assistant", parts: [{ type: "tool_call", name: "f" }] }]);
    const counted = said({
      "gen_ai.prompt.0.role": "system",
      "gen_ai.prompt.0.content": "Be brief",
      "llm.input_messages.1.message.role": "user",
      "llm.input_messages.1.message.content": "Hi",
      "gen_ai.completion.0.content": "Hello",
    });
    expect(counted.input.map((one) => [one.role, one.parts])).toEqual([
      ["system", ["Be brief"]],
      ["user", ["Hi"]],
    ]);
    expect(counted.output).toEqual([{ role: "assistant", parts: ["Hello"] }]);
    const events = said({}, [{ name: "gen_ai.user.message", attributes: { content: "Hi" } }]);
    expect(events.input).toEqual([{ role: "user", parts: ["Hi"] }]);
  });
  it("are none where none was kept", () => {
    expect(said({ "gen_ai.request.model": "gpt-4o" })).toEqual({ input: [], output: [] });
  });
});

describe("binary data", () => {
  it("is told by kind and size", () => {
    expect(binary(`data:image/png;base64,${"iVBORw0KGgo9".repeat(40)}`)).toBe("image/png, 360 bytes");
    expect(binary("word ".repeat(100))).toBeNull();
    expect(binary("short")).toBeNull();
  });
});
