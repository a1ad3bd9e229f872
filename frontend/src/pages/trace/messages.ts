/** A span's attributes and events in; what was said, message by message, as far as it was kept, out. */

export interface Message {
  role: string;
  /** Text as it reads, or anything else as it is. */
  parts: unknown[];
}

export interface Said {
  input: Message[];
  output: Message[];
}

type Bag = Record<string, unknown>;

const WHOLE: readonly [keyof Said, readonly string[]][] = [
  [
    "input",
    [
      "gen_ai.system_instructions",
      "gen_ai.input.messages",
      "gen_ai.prompt",
      "langfuse.observation.input",
      "traceloop.entity.input",
      "gen_ai.tool.call.arguments",
      "input.value",
    ],
  ],
  [
    "output",
    [
      "gen_ai.output.messages",
      "gen_ai.completion",
      "langfuse.observation.output",
      "traceloop.entity.output",
      "gen_ai.tool.call.result",
      "output.value",
    ],
  ],
];

/** Attributes that count messages up: `gen_ai.prompt.0.content`, `llm.input_messages.0.message.content`. */
const COUNTED =
  /^(?:gen_ai\.(prompt|completion)|llm\.(input|output)_messages)\.(\d+)\.(?:message\.)?(role|content|.+)$/;

const BASE64 = /^(?:data:([\w.+-]+\/[\w.+-]+);base64,)?([A-Za-z0-9+/=\s]{256,})$/;

/** What a long run of base64 is, in words; null for text. Its letters help nobody. */
export function binary(text: string): string | null {
  const found = BASE64.exec(text);
  if (!found || !/[0-9+/]/.test(found[2] ?? "") || / \S/.test(text.trim())) return null;
  const bytes = Math.floor(((found[2] ?? "").replace(/\s|=/g, "").length * 3) / 4);
  return `${found[1] ?? "binary data"}, ${bytes.toLocaleString("en-US")} bytes`;
}

export function parsed(value: unknown): unknown {
  if (typeof value !== "string" || !/^\s*[[{]/.test(value)) return value;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}

function message(told: unknown, role: string): Message {
  if (typeof told !== "object" || told === null) return { role, parts: [told] };
  const bag = told as Bag;
  const content = bag.parts ?? bag.content ?? (typeof bag.text === "string" ? bag.text : undefined);
  const parts = content === undefined ? [] : Array.isArray(content) ? content.map(part) : [parsed(content)];
  if (bag.tool_calls) parts.push(bag.tool_calls);
  return {
    role: typeof bag.role === "string" ? bag.role : role,
    parts: parts.length ? parts : [told],
  };
}

/** A part that is only text is its text. */
function part(told: unknown): unknown {
  if (typeof told !== "object" || told === null) return told;
  const bag = told as Bag;
  const text = bag.content ?? bag.text;
  return typeof text === "string" && (bag.type === undefined || bag.type === "text") ? text : told;
}

function messages(told: unknown, role: string): Message[] {
  const value = parsed(told);
  if (Array.isArray(value)) return value.map((one) => message(one, role));
  const inner = typeof value === "object" && value !== null ? (value as Bag).messages : undefined;
  return Array.isArray(inner) ? inner.map((one) => message(one, role)) : [message(value, role)];
}

function counted(attributes: Bag): Said {
  const found: Record<keyof Said, Map<number, Bag>> = { input: new Map(), output: new Map() };
  for (const [name, value] of Object.entries(attributes)) {
    const match = COUNTED.exec(name);
    if (!match) continue;
    const side = match[1] === "completion" || match[2] === "output" ? "output" : "input";
    const at = Number(match[3]);
    const bag = found[side].get(at) ?? {};
    bag[match[4] ?? ""] = value;
    found[side].set(at, bag);
  }
  const listed = (side: keyof Said, role: string) =>
    [...found[side].entries()].sort(([a], [b]) => a - b).map(([, bag]) => message(bag, role));
  return { input: listed("input", "user"), output: listed("output", "assistant") };
}

export function said(attributes: Bag, events: readonly { name: string; attributes: Bag }[] = []): Said {
  const found = counted(attributes);
  for (const bag of [attributes, ...events.map((event) => event.attributes)]) {
    for (const [side, names] of WHOLE) {
      if (found[side].length) continue;
      for (const name of names) {
        if (bag[name] === undefined) continue;
        const role = name === "gen_ai.system_instructions" ? "system" : side === "input" ? "user" : "assistant";
        found[side].push(...messages(bag[name], role));
        if (role !== "system") break;
      }
    }
  }
  for (const event of events) {
    const match = /^gen_ai\.(system|user|assistant|tool|choice)(?:\.message)?$/.exec(event.name);
    if (match) found[match[1] === "choice" ? "output" : "input"].push(message(event.attributes, match[1] ?? ""));
  }
  return found;
}
