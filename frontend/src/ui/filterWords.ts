/** A filter's name and value in; how it is said to people, out. */

const LABELS: Record<string, string> = {
  prompt_version: "prompt version",
  min_cost: "cost",
  min_latency: "latency in ms",
  q: "text",
};
const AT_LEAST = new Set(["min_cost", "min_latency"]);

export function label(name: string): string {
  if (name.startsWith("score.")) return `score ${name.slice("score.".length).replace(/[<>]$/, "")}`;
  return (Object.hasOwn(LABELS, name) ? LABELS[name] : undefined) ?? name.replace("tag.", "tag ");
}

/** What stands between the name and the value. */
export function verb(name: string, value: string): string {
  if (AT_LEAST.has(name)) return "≥";
  const bound = name.startsWith("score.") ? { ">": "≥", "<": "≤" }[name.slice(-1)] : undefined;
  if (bound) return bound;
  return name === "q" ? (value.startsWith("!") ? "without" : "has") : value.startsWith("!") ? "is not" : "is";
}

/** The value as it is told: none where nobody said. */
export function told(name: string, value: string): string {
  const bare = value.replace(/^!/, "");
  return bare || (name.startsWith("score.") ? "(not judged)" : "(none)");
}
