// The standard cases with the Vercel AI SDK.
import * as ai from "ai";
import { createAnthropic } from "@ai-sdk/anthropic";
import { createOpenAI } from "@ai-sdk/openai";
import { z } from "zod";

const url = process.env.PROVIDER_URL + "/v1";
const openai = createOpenAI({ baseURL: url, apiKey: "stub", compatibility: "strict" });
const anthropic = createAnthropic({ baseURL: url, apiKey: "stub" });
const chatModel = (name) => (openai.chat ?? openai)(name);
const watched = { experimental_telemetry: { isEnabled: true }, telemetry: { isEnabled: true }, maxRetries: 0 };
const prompt = "Why observability?";
const city = z.object({ city: z.string() });
const execute = async ({ city }) => `sunny in ${city}`;
const get_weather = ai.tool({ description: "Weather", parameters: city, inputSchema: city, execute });
const steps = ai.stepCountIs ? { stopWhen: ai.stepCountIs(3) } : { maxSteps: 3 };
const marked = {
  messages: [
    {
      role: "user",
      content: [
        { type: "text", text: "A long text.", providerOptions: { anthropic: { cacheControl: { type: "ephemeral" } } } },
      ],
    },
  ],
};

const ask = (model, more = {}) => ai.generateText({ ...watched, model, ...(more.messages ? {} : { prompt }), ...more });
const read = async (model, more = {}) => {
  const stream = ai.streamText({ ...watched, model, ...(more.messages ? {} : { prompt }), ...more });
  for await (const _ of stream.textStream);
};

export const chat = async () => void (await ask(chatModel("gpt-4o-mini")));
export const chat_stream = async () => read(chatModel("gpt-4o-mini"));
export const tools = async () => void (await ask(chatModel("gpt-4o-mini"), { tools: { get_weather }, ...steps }));
export const tools_stream = async () => read(chatModel("gpt-4o-mini"), { tools: { get_weather }, ...steps });
export const cached = async () => void (await ask(chatModel("gpt-4o")));
export const cached_stream = async () => read(chatModel("gpt-4o"));
export const reasoning = async () => void (await ask(chatModel("o4-mini")));
export const responses = async () => void (await ask(openai.responses("gpt-4o")));
export const responses_stream = async () => read(openai.responses("o4-mini"));
export const embeddings = async () => {
  const model = openai.textEmbeddingModel?.("text-embedding-3-small") ?? openai.embedding("text-embedding-3-small");
  await ai.embed({ ...watched, model, value: "one" });
};
export const embeddings_many = async () => {
  const model = openai.textEmbeddingModel?.("text-embedding-3-small") ?? openai.embedding("text-embedding-3-small");
  await ai.embedMany({ ...watched, model, values: ["one", "two"] });
};
export const error_429 = async () => void (await ask(chatModel("rate-limited")));
export const error_429_retries = async () => void (await ask(chatModel("rate-limited"), { maxRetries: 1 }));
export const two_level = async (tracer) =>
  tracer.startActiveSpan("answer a question", async (span) => {
    await ask(chatModel("gpt-4o-mini"));
    await read(chatModel("gpt-4o"));
    span.end();
  });
export const attrs = async () => {
  const metadata = { userId: "u-1", sessionId: "s-1", tags: ["a"] };
  await ask(chatModel("gpt-4o-mini"), {
    experimental_telemetry: { isEnabled: true, functionId: "answer", metadata },
    telemetry: { isEnabled: true, functionId: "answer", metadata },
  });
  return { user: "u-1", session: "s-1" };
};
export const anthropic_chat = async () => void (await ask(anthropic("claude-haiku-4-5")));
export const anthropic_cached = async () => void (await ask(anthropic("claude-sonnet-4-5"), marked));
export const anthropic_cached_stream = async () => read(anthropic("claude-sonnet-4-5"), marked);
export const anthropic_tools = async () =>
  void (await ask(anthropic("claude-haiku-4-5"), { tools: { get_weather }, ...steps }));
