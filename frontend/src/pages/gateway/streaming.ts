/** The bytes of a streamed answer in; its text and its usage so far, out. Pure but for the loop at the end. */

export type Form = "openai" | "anthropic";

export interface Usage {
  /** What was read from a cache and written to one included. */
  input: number;
  cached: number;
  written: number;
  output: number;
  reasoning: number;
}

export interface Said {
  text: string;
  model: string;
  finish: string;
  usage: Usage | null;
  error: string;
}

export const NOTHING: Said = { text: "", model: "", finish: "", usage: null, error: "" };

/** Whole events of server-sent events, and what is left of one that isn't whole yet. */
export function eventsOf(buffer: string): { events: unknown[]; rest: string } {
  const events: unknown[] = [];
  let rest = buffer.replaceAll("\r\n", "\n");
  for (let end = rest.indexOf("\n\n"); end >= 0; end = rest.indexOf("\n\n")) {
    const data = rest
      .slice(0, end)
      .split("\n")
      .filter((line) => line.startsWith("data:"))
      .map((line) => line.slice(5).trimStart())
      .join("\n");
    rest = rest.slice(end + 2);
    if (!data || data === "[DONE]") continue;
    try {
      events.push(JSON.parse(data));
    } catch {
      // Not for us: the answer is shown as far as it can be read.
    }
  }
  return { events, rest };
}

type Raw = Record<string, unknown>;

const raw = (of: unknown): Raw => (of && typeof of === "object" ? (of as Raw) : {});
const text = (of: unknown): string => (typeof of === "string" ? of : "");
const number = (of: unknown): number => (typeof of === "number" ? of : 0);

export function after(said: Said, event: unknown, form: Form): Said {
  const told = raw(event);
  if (told.error) return { ...said, error: text(raw(told.error).message) || JSON.stringify(told.error) };
  return form === "openai" ? ofOpenai(said, told) : ofAnthropic(said, told);
}

function ofOpenai(said: Said, told: Raw): Said {
  const choice = raw((told.choices as unknown[] | undefined)?.[0]);
  const usage = raw(told.usage);
  return {
    ...said,
    text: said.text + text(raw(choice.delta).content) + text(raw(choice.message).content),
    model: text(told.model) || said.model,
    finish: text(choice.finish_reason) || said.finish,
    usage: told.usage
      ? {
          input: number(usage.prompt_tokens),
          cached: number(raw(usage.prompt_tokens_details).cached_tokens),
          written: 0,
          output: number(usage.completion_tokens),
          reasoning: number(raw(usage.completion_tokens_details).reasoning_tokens),
        }
      : said.usage,
  };
}

/** The first event tells the input, the last but one the output. */
function ofAnthropic(said: Said, told: Raw): Said {
  const message = raw(told.message);
  const delta = raw(told.delta);
  const usage = raw(message.usage ?? told.usage);
  const isEnd = told.type === "message_delta";
  const before = said.usage;
  let next = before;
  if (told.type === "message_start") {
    const cached = number(usage.cache_read_input_tokens);
    const written = number(usage.cache_creation_input_tokens);
    const input = number(usage.input_tokens) + cached + written;
    // What the first event says of the output is where it begins.
    next = { input, cached, written, output: -1, reasoning: 0 };
  } else if (isEnd && before) {
    next = { ...before, output: number(usage.output_tokens) };
  }
  return {
    ...said,
    text: said.text + text(delta.text),
    model: text(message.model) || said.model,
    finish: text(delta.stop_reason) || said.finish,
    usage: next,
  };
}

/** Whether all of the usage has come. */
export function isWhole(usage: Usage | null): usage is Usage {
  return usage !== null && usage.output >= 0;
}

const CHARACTERS_PER_TOKEN = 4;

/** A guess, until the provider tells. */
export function guessed(prompt: string, said: Said): Usage {
  const tokens = (of: string) => Math.ceil(of.length / CHARACTERS_PER_TOKEN);
  const begun = said.usage;
  return {
    input: begun ? begun.input : tokens(prompt),
    cached: begun?.cached ?? 0,
    written: begun?.written ?? 0,
    output: tokens(said.text),
    reasoning: 0,
  };
}

/** As the API's questions about prices have it. */
export function priced(usage: Usage): Record<string, number> {
  return Object.fromEntries(
    Object.entries({
      input_tokens: usage.input,
      cached_input_tokens: usage.cached,
      cache_write_tokens: usage.written,
      output_tokens: usage.output,
      reasoning_tokens: usage.reasoning,
    }).filter(([name, value]) => value > 0 || name === "output_tokens"),
  );
}

/** The id of the request in the ledger, of the header that tells trace and span. */
export function requestOf(traceparent: string | null): { trace: string; id: string } | null {
  const found = /^00-([0-9a-f]{32})-([0-9a-f]{16})-/.exec(traceparent ?? "");
  return found ? { trace: found[1] ?? "", id: `${found[1]}-${found[2]}` } : null;
}

export async function read(answer: Response, form: Form, heard: (said: Said) => void): Promise<Said> {
  let said = NOTHING;
  const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const piece = await reader?.read();
    if (!piece || piece.done) return said;
    const found = eventsOf(rest + piece.value);
    rest = found.rest;
    for (const event of found.events) said = after(said, event, form);
    heard(said);
  }
}
