/** Two texts in; what both have, what only the first and what only the second has, in order, out. */

export interface Part {
  kind: "same" | "gone" | "new";
  text: string;
}

/** Beyond so many cells of a table, texts are compared by lines, and beyond it again not at all. */
const MOST_CELLS = 2_000_000;

export function difference(before: string, after: string): Part[] {
  for (const pieces of [words, lines]) {
    const [a, b] = [pieces(before), pieces(after)];
    const [start, end] = common(a, b);
    const [left, right] = [a.slice(start, a.length - end), b.slice(start, b.length - end)];
    if (left.length * right.length > MOST_CELLS) continue;
    const same = (part: string[]): Part[] => part.map((text) => ({ kind: "same", text }));
    return joined([...same(a.slice(0, start)), ...compared(left, right), ...same(a.slice(a.length - end))]);
  }
  return joined([
    { kind: "gone", text: before },
    { kind: "new", text: after },
  ]);
}

function words(text: string): string[] {
  return text.match(/\s+|[\p{L}\p{N}_]+|[^\s\p{L}\p{N}_]/gu) ?? [];
}

function lines(text: string): string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
}

/** How many pieces both begin with, and end with. */
function common(a: readonly string[], b: readonly string[]): [number, number] {
  const most = Math.min(a.length, b.length);
  let start = 0;
  while (start < most && a[start] === b[start]) start++;
  let end = 0;
  while (end < most - start && a[a.length - 1 - end] === b[b.length - 1 - end]) end++;
  return [start, end];
}

/** By the longest sequence of pieces that both have. */
function compared(a: readonly string[], b: readonly string[]): Part[] {
  const width = b.length + 1;
  const longest = new Uint32Array((a.length + 1) * width);
  const at = (i: number, j: number) => longest[i * width + j] ?? 0;
  for (let i = a.length - 1; i >= 0; i--)
    for (let j = b.length - 1; j >= 0; j--)
      longest[i * width + j] = a[i] === b[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
  const parts: Part[] = [];
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      parts.push({ kind: "same", text: a[i++] ?? "" });
      j++;
    } else if (j >= b.length || (i < a.length && at(i + 1, j) >= at(i, j + 1)))
      parts.push({ kind: "gone", text: a[i++] ?? "" });
    else parts.push({ kind: "new", text: b[j++] ?? "" });
  }
  return parts;
}

function joined(parts: readonly Part[]): Part[] {
  const found: Part[] = [];
  for (const part of parts) {
    const last = found.at(-1);
    if (!part.text) continue;
    if (last?.kind === part.kind) last.text += part.text;
    else found.push({ ...part });
  }
  return found;
}
