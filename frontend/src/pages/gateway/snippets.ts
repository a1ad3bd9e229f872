/** The server's address, a model and a config in; what to write in an application, per language and library, out. */

export interface Snippet {
  id: string;
  name: string;
  text: string;
}

interface About {
  /** Without a path. */
  base: string;
  model: string;
  config: string;
}

const KEY = "fk_…";
const HEADER = "x-farthing-config";

export function snippets({ base, model, config }: About): Snippet[] {
  const python = config ? `\n    default_headers={"${HEADER}": "${config}"},` : "";
  const script = config ? `\n  defaultHeaders: { "${HEADER}": "${config}" },` : "";
  return [
    {
      id: "openai",
      name: "Python, openai",
      text: `from openai import OpenAI

client = OpenAI(
    base_url="${base}/v1",
    api_key="${KEY}",${python}
)
answer = client.chat.completions.create(
    model="${model}",
    messages=[{"role": "user", "content": "Hello"}],
)
print(answer.choices[0].message.content)`,
    },
    {
      id: "anthropic",
      name: "Python, anthropic",
      text: `from anthropic import Anthropic

client = Anthropic(
    base_url="${base}",
    api_key="${KEY}",${python}
)
answer = client.messages.create(
    model="${model}",
    max_tokens=400,
    messages=[{"role": "user", "content": "Hello"}],
)
print(answer.content[0].text)`,
    },
    {
      id: "js",
      name: "JavaScript, openai",
      text: `import OpenAI from "openai";

const client = new OpenAI({
  baseURL: "${base}/v1",
  apiKey: "${KEY}",${script}
});
const answer = await client.chat.completions.create({
  model: "${model}",
  messages: [{ role: "user", content: "Hello" }],
});
console.log(answer.choices[0].message.content);`,
    },
    {
      id: "curl",
      name: "curl",
      text: `curl ${base}/v1/chat/completions \\
  -H "Authorization: Bearer ${KEY}" -H "Content-Type: application/json" \\${config ? `\n  -H "${HEADER}: ${config}" \\` : ""}
  -d '{"model": "${model}", "messages": [{"role": "user", "content": "Hello"}]}'`,
    },
    {
      id: "langchain",
      name: "LangChain",
      text: `from langchain_openai import ChatOpenAI

model = ChatOpenAI(
    base_url="${base}/v1",
    api_key="${KEY}",
    model="${model}",${python}
)
print(model.invoke("Hello").content)`,
    },
  ];
}
