/** Keys over a chart in; which step and series is read, said aloud and acted on, out. */
import { type KeyboardEvent, useState } from "react";

export type Reading = (step: number, name: string) => string;

interface Read {
  steps: number;
  names: readonly string[];
  read: Reading;
  show: (step: number | null, name: string) => void;
  pick: (step: number, name: string) => void;
  table: () => void;
}

export interface At {
  /** null before anything was read. */
  step: number | null;
  /** -1 is all series together. */
  line: number;
}

/** Where a key leads; null when it leads nowhere. */
export function moved(at: At, key: string, steps: number, lines: number): At | null {
  const within = (value: number, least: number, most: number) => Math.min(most, Math.max(least, value));
  const step = at.step;
  if (!steps) return null;
  if (key === "ArrowRight") return { ...at, step: within((step ?? -1) + 1, 0, steps - 1) };
  if (key === "ArrowLeft") return { ...at, step: within((step ?? steps) - 1, 0, steps - 1) };
  if (key === "Home") return { ...at, step: 0 };
  if (key === "End") return { ...at, step: steps - 1 };
  // Up the stack: the first series lies lowest.
  if (key === "ArrowUp") return { step: step ?? 0, line: within(at.line + 1, -1, lines - 1) };
  if (key === "ArrowDown") return { step: step ?? 0, line: within(at.line - 1, -1, lines - 1) };
  return null;
}

const NOWHERE: At = { step: null, line: -1 };

export function useReading({ steps, names, read, show, pick, table }: Read) {
  const [at, setAt] = useState<At>(NOWHERE);
  const name = (of: At) => names[of.line] ?? "";
  const leave = () => {
    setAt(NOWHERE);
    show(null, "");
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const next = moved(at, event.key, steps, names.length);
    if (next) {
      setAt(next);
      show(next.step, name(next));
    } else if (event.key === "Enter" && at.step !== null) pick(at.step, name(at));
    else if (event.key === "Escape" && at.step !== null) leave();
    else if (event.key === "T" && event.shiftKey) table();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return {
    keys: { onKeyDown, onBlur: () => at.step !== null && leave() },
    said: at.step === null ? "" : read(at.step, name(at)),
  };
}
