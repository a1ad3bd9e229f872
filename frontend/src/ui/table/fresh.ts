/** A list and its first page as it is by now in; how many rows have come since, put in where nobody would have a row moved, out. */
import { type RefObject, useEffect, useRef } from "react";
import type { Pages } from "./pages.ts";

interface Since<T> {
  rows: Pages<T>;
  /** The first page as it is now; undefined where new rows don't come first, or it isn't known. */
  newest: readonly T[] | undefined;
  idOf: (row: T) => string;
  /** Asks for the list again. */
  insert: () => void;
  scroller: RefObject<HTMLDivElement | null>;
  /** Somebody looks at one row. */
  looking?: boolean;
}

/** How many of the newest rows aren't held yet. */
export function unseen<T>(newest: readonly T[], idOf: (row: T) => string, held: (id: string) => boolean): number {
  return newest.filter((row) => !held(idOf(row))).length;
}

export function useFresh<T>({ rows, newest, idOf, insert, scroller, looking = false }: Since<T>): number {
  const fresh = newest && rows.ready ? unseen(newest, idOf, (id) => rows.find((row) => idOf(row) === id) >= 0) : 0;
  const latest = useRef(insert);
  latest.current = insert;
  useEffect(() => {
    const host = scroller.current;
    if (fresh && host && !looking && host.scrollTop === 0 && !host.matches(":hover, :focus-within")) latest.current();
  }, [fresh, looking, newest, scroller]);
  return fresh;
}
