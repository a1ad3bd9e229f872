/** Names of entities in; a colour slot for each that stays the same on every page, out. */

export const SLOTS = 7;
export const OTHER = "Other";

function hash(text: string): number {
  let found = 2166136261;
  for (let at = 0; at < text.length; at++) found = Math.imul(found ^ text.charCodeAt(at), 16777619);
  return found >>> 0;
}

/** What goes in is one colour and what comes out another, whatever is counted of it. */
const [INWARD, OUTWARD, CACHED] = [6, 5, 2];
const kept = new Map<string, Map<string, number>>([
  [
    "tokens",
    new Map(
      Object.entries({
        input_tokens: INWARD,
        prompt: INWARD,
        output_tokens: OUTWARD,
        completion: OUTWARD,
        cached_input_tokens: CACHED,
      }),
    ),
  ],
  ["cost part", new Map(Object.entries({ input_cost: INWARD, output_cost: OUTWARD }))],
]);

/** Slots of at most seven names; the first named keep theirs when two would share one. */
export function slots(dimension: string, names: readonly string[]): Map<string, number> {
  const known = kept.get(dimension) ?? new Map<string, number>();
  kept.set(dimension, known);
  const used = new Set<number>();
  const out = new Map<string, number>();
  const place = (name: string, wanted: number) => {
    let slot = wanted;
    while (used.has(slot)) slot = (slot + 1) % SLOTS;
    used.add(slot);
    out.set(name, slot);
    known.set(name, slot);
  };
  const wanted = names.filter((name) => name !== OTHER).slice(0, SLOTS);
  for (const name of wanted) {
    const slot = known.get(name);
    if (slot !== undefined && !used.has(slot)) place(name, slot);
  }
  for (const name of wanted) if (!out.has(name)) place(name, known.get(name) ?? hash(name) % SLOTS);
  return out;
}

export function variable(slot: number | undefined): string {
  return slot === undefined ? "--series-other" : `--series-${slot}`;
}

/** The colour itself: charts can't read variables. */
export function colour(slot: number | undefined, root: Element = document.documentElement): string {
  return getComputedStyle(root).getPropertyValue(variable(slot)).trim();
}

export function token(name: string, root: Element = document.documentElement): string {
  return getComputedStyle(root).getPropertyValue(`--${name}`).trim();
}
