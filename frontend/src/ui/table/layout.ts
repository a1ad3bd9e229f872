/** The columns a table can show in; those it shows, in which order and how wide, kept for the next visit, out. */
import { useCallback, useMemo, useState } from "react";
import { usePlace } from "../../app/place.ts";
import { first } from "../../url.ts";
import type { Column } from "./Grid.tsx";

export interface Layout<T> {
  /** What is shown, in order. */
  shown: Column<T>[];
  widths: Record<string, number>;
  show: (keys: string[]) => void;
  resize: (key: string, width: number) => void;
  reset: () => void;
}

export const NARROWEST = 48;
export const WIDEST = 800;

interface Kept {
  cols?: string[];
  widths?: Record<string, number>;
}

/** The address says it, or else what was last chosen here, or else the columns that are shown by default. */
export function chosen(known: readonly string[], usual: readonly string[], told: string | undefined, kept?: string[]) {
  const wanted = (told === undefined ? kept : told.split(",")) ?? usual;
  const found = [...new Set(wanted)].filter((key) => known.includes(key));
  return found.length ? found : [...usual];
}

export function useLayout<T>(name: string, columns: readonly Column<T>[]): Layout<T> {
  const { search, change } = usePlace();
  const slot = `farthing.table.${name}`;
  const [kept, setKept] = useState<Kept>(() => read(slot));
  const told = first(search, "cols");
  const keep = useCallback(
    (next: Kept) => {
      setKept(next);
      localStorage.setItem(slot, JSON.stringify(next));
    },
    [slot],
  );
  const shown = useMemo(() => {
    const usual = columns.filter((one) => one.usual).map((one) => one.key);
    const known = columns.map((one) => one.key);
    return chosen(known, usual, told, kept.cols).flatMap((key) => columns.find((one) => one.key === key) ?? []);
  }, [columns, told, kept.cols]);
  return {
    shown,
    widths: kept.widths ?? {},
    show: (keys) => {
      keep({ ...kept, cols: keys });
      change((now) => ({ ...now, cols: keys.join(",") }), { replace: true });
    },
    resize: (key, width) => {
      const fits = Math.round(Math.min(WIDEST, Math.max(NARROWEST, width)));
      keep({ ...kept, widths: { ...kept.widths, [key]: fits } });
    },
    reset: () => {
      keep({});
      change(({ cols: _, ...rest }) => rest, { replace: true });
    },
  };
}

function read(slot: string): Kept {
  try {
    const found: unknown = JSON.parse(localStorage.getItem(slot) ?? "{}");
    return typeof found === "object" && found !== null ? (found as Kept) : {};
  } catch {
    // What somebody else wrote there is no layout; the usual one does.
    return {};
  }
}
