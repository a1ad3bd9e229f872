/** What was typed for a new evaluation in; what the server is to be told, or what is wrong with which field, out. */

export const KINDS = [
  { value: "judge", label: "A model judges" },
  { value: "contains", label: "Contains all of" },
  { value: "excludes", label: "Contains none of" },
  { value: "regex", label: "Matches a pattern" },
  { value: "json", label: "Is valid JSON" },
  { value: "json_schema", label: "Fits a JSON schema" },
  { value: "length", label: "Length within bounds" },
] as const;

export type Kind = (typeof KINDS)[number]["value"];

export interface Draft {
  name: string;
  kind: Kind;
  /** In percent. */
  sample: string;
  /** A text per line; a pattern; a schema; a prompt. */
  text: string;
  model: string;
  /** With commas between; none for a number from 0 to 1. */
  categories: string;
  least: string;
  most: string;
  callsPerDay: string;
  usdPerDay: string;
}

export const EMPTY: Draft = {
  name: "",
  kind: "judge",
  sample: "5",
  text: "",
  model: "",
  categories: "",
  least: "",
  most: "",
  callsPerDay: "",
  usdPerDay: "1",
};

/** What the text of a kind is, where it has one. */
export const TEXTS: Partial<Record<Kind, readonly [label: string, about: string]>> = {
  judge: ["Prompt", "{input} and {output} stand for what was asked and answered."],
  contains: ["Texts", "One per line."],
  excludes: ["Texts", "One per line."],
  regex: ["Pattern", "A regular expression, found anywhere in the answer."],
  json_schema: ["Schema", "A JSON schema."],
};

export type Errors = Partial<Record<keyof Draft, string>>;

export interface Wanted {
  evaluation: Record<string, unknown>;
  errors: Errors;
}

const whole = (text: string) => /^\d{1,9}$/.test(text);

function split(text: string, by: RegExp): string[] {
  return text
    .split(by)
    .map((one) => one.trim())
    .filter(Boolean);
}

/** Percent as a share, exactly: 2.5 is 0.025. */
export function share(percent: string): string | null {
  const found = /^(\d{1,3})(?:\.(\d{1,6}))?$/.exec(percent.trim());
  if (!found) return null;
  const digits = `${(found[1] ?? "").padStart(3, "0")}${found[2] ?? ""}`;
  const value = `${digits.slice(0, -2 - (found[2]?.length ?? 0))}.${digits.slice(1)}`;
  return Number(value) > 0 && Number(value) <= 1 ? value : null;
}

export function wanted(draft: Draft): Wanted {
  const errors: Errors = {};
  const sample = share(draft.sample);
  if (!draft.name.trim()) errors.name = "The score needs a name.";
  if (sample === null) errors.sample = "More than 0 and up to 100.";
  if (draft.callsPerDay && !(whole(draft.callsPerDay) && Number(draft.callsPerDay))) errors.callsPerDay = "A number.";
  if (draft.kind === "judge" && draft.usdPerDay && !/^\d{1,9}(\.\d{1,12})?$/.test(draft.usdPerDay))
    errors.usdPerDay = "Dollars, as 2.50.";
  const evaluator = { kind: draft.kind, ...judgedBy(draft, errors) };
  return {
    evaluation: {
      name: draft.name.trim(),
      sample: sample ?? "1",
      evaluator,
      calls_per_day: draft.callsPerDay ? Number(draft.callsPerDay) : null,
      usd_per_day: draft.kind === "judge" && draft.usdPerDay ? draft.usdPerDay : null,
    },
    errors,
  };
}

function judgedBy(draft: Draft, errors: Errors): Record<string, unknown> {
  if (draft.kind in TEXTS && !draft.text.trim()) errors.text = "It can't be empty.";
  switch (draft.kind) {
    case "json":
      return {};
    case "regex":
      return { pattern: draft.text };
    case "contains":
    case "excludes":
      return { texts: split(draft.text, /\n/) };
    case "json_schema":
      return { schema: schema(draft.text, errors) };
    case "length":
      return bounds(draft, errors);
    case "judge": {
      if (!/\{output\}/.test(draft.text)) errors.text = "It has to hold {output}.";
      if (!draft.model.trim()) errors.model = "Which model judges?";
      const categories = split(draft.categories, /,/);
      if (categories.length === 1) errors.categories = "Two or more, or none.";
      return { prompt: draft.text, model: draft.model.trim(), categories };
    }
  }
}

function schema(text: string, errors: Errors): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    errors.text ??= (error as Error).message;
    return null;
  }
}

function bounds({ least, most }: Draft, errors: Errors): Record<string, unknown> {
  if (!least && !most) errors.least = "Give one or both.";
  if (least && !whole(least)) errors.least = "A number.";
  if (most && !whole(most)) errors.most = "A number.";
  else if (least && most && Number(most) < Number(least)) errors.most = "No less than the other.";
  return { ...(least ? { least: Number(least) } : {}), ...(most ? { most: Number(most) } : {}) };
}
