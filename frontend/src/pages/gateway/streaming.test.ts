/** Streams cut anywhere are read alike; usage is the provider's, or marked as a guess. */
import { expect, it } from "vitest";
import {
  after,
  eventsOf,
  type Form,
  guessed,
  isWhole,
  NOTHING,
  priced,
  read,
  requestOf,
  type Said,
} from "./streaming.ts";

const data = (event: unknown) => `data: ${JSON.stringify(event)}\n\n`;

const OPENAI =
  ": ping\n\n" +
  data({ model: "gpt-4o-2024", choices: [{ delta: { content: "café " } }] }) +
  data({ choices: [{ delta: { content: "👍" }, finish_reason: "stop" }] }) +
  data({
    choices: [],
    usage: { prompt_tokens: 100, completion_tokens: 7, prompt_tokens_details: { cached_tokens: 64 } },
  }) +
  "data: [DONE]\n\n";

const ANTHROPIC =
  "event: message_start\r\n" +
  data({
    type: "message_start",
    message: { model: "claude", usage: { input_tokens: 10, cache_read_input_tokens: 30, output_tokens: 1 } },
  }) +
  data({ type: "content_block_delta", delta: { type: "text_delta", text: "Hi" } }) +
  data({ type: "message_delta", delta: { stop_reason: "end_turn" }, usage: { output_tokens: 5 } });

async function whole(text: string, form: Form, size: number): Promise<Said> {
  const bytes = new TextEncoder().encode(text);
  const stream = new ReadableStream<Uint8Array>({
    start(way) {
      for (let at = 0; at < bytes.length; at += size) way.enqueue(bytes.slice(at, at + size));
      way.close();
    },
  });
  return read(new Response(stream), form, () => undefined);
}

it.each([1, 3, 7, 10_000])("is read in pieces of %i bytes", async (size) => {
  expect(await whole(OPENAI, "openai", size)).toMatchObject({
    text: "café 👍",
    model: "gpt-4o-2024",
    finish: "stop",
    usage: { input: 100, cached: 64, output: 7 },
  });
  expect(await whole(ANTHROPIC, "anthropic", size)).toMatchObject({
    text: "Hi",
    finish: "end_turn",
    usage: { input: 40, cached: 30, output: 5 },
  });
});

it("waits for the end of an event", () => {
  expect(eventsOf('data: {"a":1}\n\ndata: {"b"')).toEqual({ events: [{ a: 1 }], rest: 'data: {"b"' });
});

it("guesses until the usage is told", () => {
  const said = after(NOTHING, { choices: [{ delta: { content: "12345678" } }] }, "openai");
  expect(isWhole(said.usage)).toBe(false);
  expect(guessed("1234", said)).toMatchObject({ input: 1, output: 2 });
});

it("asks for prices of what there is", () => {
  const usage = { input: 100, cached: 64, written: 0, output: 0, reasoning: 0 };
  expect(priced(usage)).toEqual({ input_tokens: 100, cached_input_tokens: 64, output_tokens: 0 });
});

it("tells errors in a stream", () => {
  expect(after(NOTHING, { error: { message: "overloaded" } }, "openai").error).toBe("overloaded");
});

it("knows the request by its trace", () => {
  const trace = "0".repeat(31) + "1";
  const span = "0".repeat(15) + "2";
  expect(requestOf(`00-${trace}-${span}-01`)).toEqual({ trace, id: `${trace}-${span}` });
  expect(requestOf(null)).toBeNull();
});
