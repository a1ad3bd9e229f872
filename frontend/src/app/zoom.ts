/** Ranges that were dragged over in; the range before the last of them, while it is still the one that is shown, out. */
import { rangeOf, type Search } from "../url.ts";

interface Zoom {
  before: { from: string; to: string };
  from: string;
  to: string;
}

const taken: Zoom[] = [];

export function zoomed(search: Search, from: string, to: string): void {
  taken.push({ before: rangeOf(search), from, to });
}

/** Taken back once; null where the range was chosen in another way since. */
export function beforeZoom(search: Search): { from: string; to: string } | null {
  const { from, to } = rangeOf(search);
  const last = taken.at(-1);
  if (!last || last.from !== from || last.to !== to) return null;
  taken.pop();
  return last.before;
}
