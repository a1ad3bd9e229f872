// Kinds of calls of two majors of `openai` and `@anthropic-ai/sdk`; what the application gets, and every byte, is printed as JSON.
import Anthropic0 from "anthropic-0";
import Anthropic1 from "anthropic-1";
import OpenAI6 from "openai-6";
import OpenAI7 from "openai-7";

const said = [{ role: "user", content: "How is the café?" }];
const schema = { type: "object", properties: { city: { type: "string" } } };
const got = {};

async function everything(stream) {
  const events = [];
  for await (const event of stream) events.push(event);
  return events;
}

async function run(library, name, call) {
  const bodies = [];
  const fetched = async (url, init) => {
    const answer = await fetch(url, init);
    bodies.push(answer.clone().arrayBuffer());
    return answer;
  };
  let value;
  try {
    value = await call(fetched);
  } catch (error) {
    value = [error.constructor.name, error.status, error.message, error.error ?? null];
  }
  const bytes = (await Promise.all(bodies)).map((body) => Buffer.from(body).toString("base64"));
  got[`${library} ${name}`] = [value, bytes];
}

for (const [library, OpenAI] of Object.entries({ "openai-6": OpenAI6, "openai-7": OpenAI7 })) {
  const kinds = {
    chat: (c) => c.chat.completions.create({ model: "gpt-4o-mini", messages: said }),
    tools: (c) =>
      c.chat.completions.create({
        model: "gpt-4o-mini",
        messages: said,
        tools: [{ type: "function", function: { name: "weather", parameters: schema } }],
      }),
    stream: async (c) => everything(await c.chat.completions.create({ model: "gpt-4o", messages: said, stream: true })),
    stream_with_usage: async (c) =>
      everything(
        await c.chat.completions.create({
          model: "gpt-4o",
          messages: said,
          stream: true,
          stream_options: { include_usage: true },
        }),
      ),
    helper: async (c) => (await c.chat.completions.stream({ model: "gpt-4o", messages: said }).finalMessage()).content,
    responses: (c) => c.responses.create({ model: "gpt-4o-mini", input: "How is the café?" }),
    responses_stream: async (c) =>
      everything(await c.responses.create({ model: "gpt-4o-mini", input: "hi", stream: true })),
    embeddings: (c) => c.embeddings.create({ model: "text-embedding-3-small", input: ["a", "b"] }),
    refused: (c) => c.chat.completions.create({ model: "rate-limited", messages: said }),
  };
  for (const [name, call] of Object.entries(kinds))
    await run(library, name, (fetched) => call(new OpenAI({ maxRetries: 0, fetch: fetched })));
}

for (const [library, Anthropic] of Object.entries({ "anthropic-0": Anthropic0, "anthropic-1": Anthropic1 })) {
  const message = { model: "claude-haiku-4-5", max_tokens: 100, messages: said };
  const kinds = {
    message: (c) => c.messages.create(message),
    tools: (c) => c.messages.create({ ...message, tools: [{ name: "weather", input_schema: schema }] }),
    stream: async (c) => everything(await c.messages.create({ ...message, stream: true })),
    helper: async (c) => (await c.messages.stream(message).finalMessage()).usage,
    refused: (c) => c.messages.create({ ...message, model: "rate-limited" }),
  };
  for (const [name, call] of Object.entries(kinds))
    await run(library, name, (fetched) => call(new Anthropic({ maxRetries: 0, fetch: fetched })));
}

console.log(JSON.stringify(got));
