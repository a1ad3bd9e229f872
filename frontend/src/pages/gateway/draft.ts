/** What a version of a variant holds in; the same as text that people edit, and what of it is wrong, out; and back. */
import type { Content, Guard, Target } from "./questions.ts";

/** `name=value`, one per line. */
export function lines(of: Record<string, string>): string {
  return Object.entries(of)
    .map(([name, value]) => `${name}=${value}`)
    .join("\n");
}

/** And back; null where a line is none. */
export function pairs(text: string): Record<string, string> | null {
  const found: Record<string, string> = {};
  for (const line of text.split("\n")) {
    if (!line.trim()) continue;
    const at = line.indexOf("=");
    if (at < 1) return null;
    found[line.slice(0, at).trim()] = line.slice(at + 1).trim();
  }
  return found;
}

/** An object as JSON; null for anything else. */
export function object(text: string): Record<string, unknown> | null {
  if (!text.trim()) return {};
  try {
    const found: unknown = JSON.parse(text);
    return found && typeof found === "object" && !Array.isArray(found) ? (found as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}

export function json(of: unknown): string {
  return of && typeof of === "object" && Object.keys(of).length ? JSON.stringify(of, null, 2) : "";
}

export interface GuardDraft extends Omit<Guard, "parameters"> {
  parameters: string;
}

export interface Draft {
  targets: Target[];
  strategy: Content["strategy"];
  parameters: string;
  system_prompt: string;
  attempts: string;
  statuses: string;
  base_s: string;
  connect_s: string;
  first_byte_s: string;
  total_s: string;
  cache_ttl_s: string;
  guards: GuardDraft[];
  keeps_content: Content["keeps_content"];
}

const RETRIED = [429, 500, 502, 503, 504, 529];

export const BLANK: Content = {
  targets: [{ account: "", provider: "", model: "", weight: 1 }],
  strategy: "fallback",
  parameters: {},
  system_prompt: "",
  retries: { attempts: 1, statuses: RETRIED, base_s: 0.5, longest_s: 20 },
  timeouts: { connect_s: 10, first_byte_s: 600, total_s: 1800 },
  cache_ttl_s: 0,
  guards: [],
  keeps_content: "by_key",
};

export function draftOf(of: Content): Draft {
  return {
    targets: of.targets,
    strategy: of.strategy,
    parameters: json(of.parameters),
    system_prompt: of.system_prompt,
    attempts: String(of.retries.attempts),
    statuses: of.retries.statuses.join(", "),
    base_s: String(of.retries.base_s),
    connect_s: String(of.timeouts.connect_s),
    first_byte_s: String(of.timeouts.first_byte_s),
    total_s: String(of.timeouts.total_s),
    cache_ttl_s: String(of.cache_ttl_s),
    guards: of.guards.map((one) => ({ ...one, parameters: json(one.parameters) })),
    keeps_content: of.keeps_content,
  };
}

export type Wrong = Partial<Record<keyof Draft, string>>;

const NUMBERS = ["attempts", "base_s", "connect_s", "first_byte_s", "total_s", "cache_ttl_s"] as const;
const WHOLE = new Set<string>(["attempts", "cache_ttl_s"]);

/** What can be seen to be wrong here; the rest the server says. */
export function wrongIn(draft: Draft): Wrong {
  const wrong: Wrong = {};
  if (!object(draft.parameters)) wrong.parameters = 'A JSON object: {"temperature": 0.2}';
  if (statuses(draft.statuses) === null) wrong.statuses = "HTTP statuses with commas between";
  for (const name of NUMBERS) {
    const pattern = WHOLE.has(name) ? /^\d+$/ : /^\d+(\.\d+)?$/;
    if (!pattern.test(draft[name].trim())) wrong[name] = WHOLE.has(name) ? "A whole number" : "A number";
  }
  if (!draft.targets.length) wrong.targets = "At least one";
  if (draft.guards.some((one) => !one.name || !object(one.parameters)))
    wrong.guards = "Each has a name, and parameters that are a JSON object";
  return wrong;
}

function statuses(text: string): number[] | null {
  const found = text.split(/[\s,]+/).filter(Boolean);
  return found.every((one) => /^[1-5]\d\d$/.test(one)) ? found.map(Number) : null;
}

/** Of a draft in which nothing is wrong; `before` tells what can't be edited. */
export function contentOf(draft: Draft, before: Content): Content {
  return {
    targets: draft.targets,
    strategy: draft.strategy,
    parameters: object(draft.parameters) ?? {},
    system_prompt: draft.system_prompt,
    retries: {
      attempts: Number(draft.attempts),
      statuses: statuses(draft.statuses) ?? [],
      base_s: Number(draft.base_s),
      longest_s: before.retries.longest_s,
    },
    timeouts: {
      connect_s: Number(draft.connect_s),
      first_byte_s: Number(draft.first_byte_s),
      total_s: Number(draft.total_s),
    },
    cache_ttl_s: Number(draft.cache_ttl_s),
    guards: draft.guards.map((one) => ({ ...one, parameters: object(one.parameters) ?? {} })),
    keeps_content: draft.keeps_content,
  };
}

/** The names that stand in a template, in their order. */
export function variablesOf(template: string): string[] {
  const found = new Set<string>();
  for (const [, inner = ""] of template.matchAll(/\{\{-?\s*([^}]*)\}\}/g)) {
    const name = /^[A-Za-z_]\w*/.exec(inner)?.[0];
    if (name) found.add(name);
  }
  return [...found];
}
