// The examples that LLMOps prints, with another address and key; the ids of their requests are printed.
import OpenAI from "openai-7";

const openai = new OpenAI({
  baseURL: process.env.OPENAI_BASE_URL,
  apiKey: process.env.OPENAI_API_KEY,
  defaultHeaders: {
    'x-llmops-config': 'your-config-id',
  },
});

const { response: answered } = await openai.chat.completions.create({
  model: 'gpt-4o-mini',
  messages: [{ role: 'user', content: 'Hello!' }],
  // @ts-ignore - LLMOps extension
  metadata: {
    tenantSlug: 'acme-corp',
    userId: 'user_123',
    feature: 'customer-support',
  },
}).withResponse();

async function chat(tenantSlug, userId, message) {
  const response = await openai.chat.completions.create({
    model: 'gpt-4o-mini',
    messages: [{ role: 'user', content: message }],
    // @ts-ignore - LLMOps extension
    metadata: {
      tenantSlug,
      userId,
    },
  });
  return response;
}

await chat('acme-corp', 'user_456', 'How do I reset my password?');
await chat('globex-inc', 'user_789', 'What are your business hours?');
console.log(answered.headers.get("x-llmops-request-id"));
