/** What somebody wants to try in; the request that goes to the gateway, out. Pure. */
import { object } from "./draft.ts";
import type { Form } from "./streaming.ts";

export interface Wanted {
  form: Form;
  config: string;
  environment: string;
  model: string;
  system: string;
  message: string;
  variables: Record<string, string>;
  parameters: string;
}

export const BLANK: Wanted = {
  form: "openai",
  config: "",
  environment: "",
  model: "",
  system: "",
  message: "",
  variables: {},
  parameters: '{\n  "max_tokens": 400\n}',
};

/** The body; `model` is needed by the wire format even where the config's variant has one. */
export function bodyOf(of: Wanted): Record<string, unknown> {
  const parameters = object(of.parameters) ?? {};
  const messages = [{ role: "user", content: of.message }];
  const common = {
    ...parameters,
    model: of.model || of.config,
    stream: true,
    ...(of.config && Object.keys(of.variables).length ? { input: of.variables } : {}),
  };
  if (of.form === "anthropic") return { ...common, ...(of.system ? { system: of.system } : {}), messages };
  return {
    ...common,
    stream_options: { include_usage: true },
    messages: [...(of.system ? [{ role: "system", content: of.system }] : []), ...messages],
  };
}

export function headersOf(of: Wanted): Record<string, string> {
  return {
    "Content-Type": "application/json",
    "X-Farthing-Feature": "playground",
    ...(of.config ? { "X-Farthing-Config": of.config } : {}),
    ...(of.environment ? { "X-Farthing-Environment": of.environment } : {}),
  };
}

/** What is missing before it can be sent; "" when nothing is. */
export function missing(of: Wanted): string {
  if (!of.model && !of.config) return "Choose a model or a config.";
  if (!of.message.trim()) return "Write a message.";
  if (!object(of.parameters)) return "The parameters are no JSON object.";
  return "";
}
