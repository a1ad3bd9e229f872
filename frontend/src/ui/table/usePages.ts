/** What a list is about and how it is asked for in; its rows, and whether they are still those of the list before, out. */
import { useEffect, useMemo, useRef, useSyncExternalStore } from "react";
import { type Ask, Pages } from "./pages.ts";

const FIRST_ROWS = 40;

export function usePages<T>(about: string, ask: Ask<T>): { rows: Pages<T>; stale: boolean } {
  // A list is its subject; the way it is asked for is another function on every render.
  const next = useMemo(() => new Pages(ask), [about]);
  const shown = useRef(next);
  useEffect(() => {
    next.look(0, FIRST_ROWS);
    return () => next.stop();
  }, [next]);
  useSyncExternalStore(next.subscribe, next.snapshot);
  if (next.ready || next.error) shown.current = next;
  return { rows: shown.current, stale: shown.current !== next };
}
