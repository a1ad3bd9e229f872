/** What something was before and after a change in; the fields that differ, as one reads them, out. */
type Document = Readonly<Record<string, unknown>> | null;

const SHOWN = 6;
const LONGEST = 60;

export function changedFields(before: Document, after: Document): string {
  const names = [...new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})])].filter(
    (name) => JSON.stringify(before?.[name]) !== JSON.stringify(after?.[name]),
  );
  // What was made or taken away differs in all it has; only what was said of it tells anything.
  const told = before && after ? names : names.filter((name) => !isNothing((after ?? before)?.[name]));
  const words = told.slice(0, SHOWN).map((name) => {
    const [then, now] = [written(before?.[name]), written(after?.[name])];
    return before && after ? `${name} ${then} → ${now}` : `${name} ${after ? now : then}`;
  });
  return told.length > SHOWN ? `${words.join(", ")} and ${told.length - SHOWN} more` : words.join(", ");
}

function isNothing(value: unknown): boolean {
  return value === null || value === undefined || value === "" || JSON.stringify(value) === "{}";
}

function written(value: unknown): string {
  if (isNothing(value)) return "—";
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
}
