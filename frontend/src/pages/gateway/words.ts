/** Targets, conditions, guards and changed fields in; the same in words, out. */
import type { Content, Difference, Limit, Target } from "./questions.ts";

function target(of: Target): string {
  const where = of.account ? `@${of.account}` : of.provider;
  const model = of.model || "the model asked for";
  return where ? `${model} at ${where}` : model;
}

export function targetsInWords(of: Pick<Content, "targets" | "strategy">): string {
  if (of.strategy === "fallback" || of.targets.length < 2) return of.targets.map(target).join(", else ");
  const sum = of.targets.reduce((before, one) => before + one.weight, 0);
  return of.targets.map((one) => `${sum ? Math.round((one.weight / sum) * 100) : 0} % ${target(one)}`).join(", ");
}

const COMPARED: Record<string, string> = {
  "==": "is",
  "!=": "is not",
  "<": "is below",
  "<=": "is at most",
  ">": "is above",
  ">=": "is at least",
};

/** A part of JSONLogic, read aloud. */
export function conditionInWords(of: unknown): string {
  if (of === null || of === undefined || of === true || (typeof of === "object" && !Object.keys(of).length))
    return "all calls";
  return spoken(of, false);
}

function spoken(of: unknown, inner: boolean): string {
  if (typeof of !== "object" || of === null) return of === false ? "no calls" : told(of);
  if (Array.isArray(of)) return of.map(told).join(", ");
  const [word = "", given] = Object.entries(of)[0] ?? [];
  const parts: unknown[] = Array.isArray(given) ? given : [given];
  if (word === "and" || word === "or") {
    const text = parts.map((one) => spoken(one, true)).join(` ${word} `);
    return inner && parts.length > 1 ? `(${text})` : text;
  }
  if (word === "!" && isVariable(parts[0])) return `${told(parts[0])} is not told`;
  if (word === "!") return `not ${spoken(parts[0], true)}`;
  if (word === "var") return `${told(of)} is told`;
  const [left, right] = parts;
  if (word === "in")
    return Array.isArray(right)
      ? `${told(left)} is one of ${right.map(told).join(", ")}`
      : `${told(right)} holds ${told(left)}`;
  const compared = COMPARED[word];
  if (!compared) return JSON.stringify(of);
  if (right === null) return `${told(left)} ${word === "==" ? "is not told" : "is told"}`;
  return `${told(left)} ${compared} ${told(right)}`;
}

function isVariable(of: unknown): of is { var: unknown } {
  return of !== null && typeof of === "object" && "var" in of;
}

function told(of: unknown): string {
  if (isVariable(of)) return String(of.var);
  return typeof of === "string" ? `“${of}”` : JSON.stringify(of);
}

const FIELDS: Record<string, string> = {
  targets: "Asks",
  strategy: "How targets are used",
  parameters: "Parameters",
  system_prompt: "System prompt",
  retries: "Retries",
  timeouts: "Timeouts",
  cache_ttl_s: "Kept in the cache, seconds",
  guards: "Guards",
  keeps_content: "Keeps what is said",
  attempts: "attempts of one target",
  statuses: "again after",
  base_s: "first wait, seconds",
  longest_s: "longest wait, seconds",
  connect_s: "to connect, seconds",
  first_byte_s: "to the first byte, seconds",
  total_s: "in all, seconds",
};

/** Whether a variant keeps what is said. */
export const KEEPS: Record<Content["keeps_content"], string> = {
  by_key: "as the key does",
  asked: "where the client asks for it",
  always: "always",
  never: "never",
};

export function fieldInWords(field: string): string {
  const [first = "", ...rest] = field.split(".");
  const head = FIELDS[first] ?? first;
  const tail = first === "parameters" ? rest.join(".") : rest.map((one) => FIELDS[one] ?? one).join(".");
  return tail ? `${head}: ${tail}` : head;
}

/** A value of a field, short enough to be read. */
export function valueInWords(field: string, value: Difference["before"]): string {
  if (value === null || value === undefined || value === "") return "—";
  if (field === "targets" && Array.isArray(value)) return value.map((one) => target(one as Target)).join(", ");
  if (typeof value === "string") return value;
  return JSON.stringify(value, null, typeof value === "object" ? 1 : 0);
}

export function whenSpent(of: Pick<Limit, "when_spent" | "cheaper_model">): string {
  const words = {
    block: "refused",
    warn: "let through with a warning header",
    cheaper: `sent to ${of.cheaper_model || "a cheaper model"}`,
    cache: "answered from the cache, else refused",
  };
  return words[of.when_spent];
}

const REASONS: Record<string, string> = {
  budget_exceeded: "over a budget",
  too_many: "too many for their key",
  forbidden: "not allowed to their key",
  guard_blocked: "blocked by a guard",
  model_not_found: "for models nobody serves",
};

/** Why calls were refused, after how many there were. */
export function reasonInWords(code: string): string {
  return REASONS[code] ?? code.replaceAll("_", " ");
}
