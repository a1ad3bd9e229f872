/** A version of a prompt in; the same as fields of a form, and what is sent of them or what is wrong with them, out. */
import type { Schemas } from "../../api/client.ts";
import type { Version } from "./questions.ts";

/** A message of a chat, or a place that messages are put in. */
export interface Message {
  role: string;
  content: string;
}

export const PLACE = "placeholder";
export const ROLES = ["system", "user", "assistant", "developer", "tool", PLACE] as const;

export interface Draft {
  name: string;
  type: "text" | "chat";
  text: string;
  messages: Message[];
  config: string;
  labels: string;
  why: string;
}

export const NEW: Draft = {
  name: "",
  type: "text",
  text: "",
  messages: [{ role: "system", content: "" }],
  config: "",
  labels: "",
  why: "",
};

/** What the next version begins with: all that this one says, and none of its labels. */
export function draftOf(of: Version): Draft {
  const messages = typeof of.prompt === "string" ? NEW.messages : of.prompt.map(told);
  const empty = of.config === null || JSON.stringify(of.config) === "{}";
  return {
    ...NEW,
    name: of.name,
    type: of.type,
    text: typeof of.prompt === "string" ? of.prompt : "",
    messages,
    config: empty ? "" : JSON.stringify(of.config, null, 2),
  };
}

function told(message: Record<string, unknown>): Message {
  if (message.type === PLACE) return { role: PLACE, content: String(message.name) };
  const content = message.content;
  return { role: String(message.role), content: typeof content === "string" ? content : JSON.stringify(content) };
}

export interface Wanted {
  body: Schemas["farthing__api__prompt_schemas__PromptWanted"];
  errors: Partial<Record<keyof Draft, string>>;
}

export function wanted(draft: Draft): Wanted {
  const errors: Wanted["errors"] = {};
  const name = draft.name.trim();
  if (!name) errors.name = "A name is needed.";
  if (draft.type === "text" && !draft.text) errors.text = "What it says is missing.";
  const wrong = draft.messages.find((one) => one.role === PLACE && !/^[A-Za-z]\w*$/.test(one.content.trim()));
  if (draft.type === "chat" && (!draft.messages.length || draft.messages.every((one) => !one.content.trim())))
    errors.messages = "A chat has a message.";
  else if (draft.type === "chat" && wrong) errors.messages = "A place is named by letters and digits, such as history.";
  const config = parsed(draft.config);
  if (config === undefined) errors.config = "It is no JSON.";
  return {
    body: {
      name,
      type: draft.type,
      prompt: draft.type === "text" ? draft.text : draft.messages.map(asSent),
      config: config ?? null,
      labels: labelsOf(draft.labels),
      commit_message: draft.why.trim() || null,
    },
    errors,
  };
}

function asSent({ role, content }: Message): Record<string, unknown> {
  return role === PLACE ? { type: PLACE, name: content.trim() } : { role, content };
}

/** null where nothing is written; undefined where that is no JSON. */
function parsed(text: string): unknown {
  if (!text.trim()) return null;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

export function labelsOf(text: string): string[] {
  return [...new Set(text.split(/[\s,]+/).filter(Boolean))];
}
