/** Keys over the tree of spans in; where they lead, out. */
import { type KeyboardEvent, useEffect, useRef } from "react";
import { inSequence } from "../../ui/sequence.ts";
import { dearest, nextError, rowOf } from "./rows.ts";
import type { Tree } from "./tree.ts";

interface Held {
  tree: Tree;
  rows: Int32Array;
  picked: number;
  folded: ReadonlySet<number>;
  pick: (place: number) => void;
  fold: (place: number, shut: boolean) => void;
  unfold: () => void;
}

export type Jump = "error" | "error-back" | "dearest";

const PAGE_ROWS = 15;

export function useTreeKeys(held: Held, modes: { view: () => void; critical: () => void }) {
  const { tree, rows, picked, folded, pick, fold, unfold } = held;
  const row = picked < 0 ? -1 : rowOf(tree, rows, picked);
  const to = (wanted: number) => {
    const place = rows[Math.min(rows.length - 1, Math.max(0, wanted))];
    if (place !== undefined) pick(place);
  };
  const jump = (where: Jump) => {
    const place = where === "dearest" ? dearest(tree) : nextError(tree, picked, where === "error" ? 1 : -1);
    if (place >= 0) pick(place);
  };
  const right = () => {
    if (picked < 0) to(0);
    else if (folded.has(picked)) fold(picked, false);
    else if (tree.children[picked]) to(row + 1);
  };
  const left = () => {
    if (picked < 0) return;
    const above = tree.under[picked] ?? -1;
    if (tree.children[picked] && !folded.has(picked)) fold(picked, true);
    else if (above >= 0) pick(above);
  };
  const actions: Record<string, () => void> = {
    ArrowDown: () => to(row + 1),
    ArrowUp: () => to(row - 1),
    ArrowRight: right,
    ArrowLeft: left,
    Home: () => to(0),
    End: () => to(rows.length - 1),
    PageDown: () => to(row + PAGE_ROWS),
    PageUp: () => to(row - PAGE_ROWS),
  };
  const everywhere: Record<string, () => void> = {
    j: actions.ArrowDown!,
    k: actions.ArrowUp!,
    e: () => jump("error"),
    E: () => jump("error-back"),
    m: () => jump("dearest"),
    "*": unfold,
    v: modes.view,
    p: modes.critical,
    Escape: () => picked >= 0 && pick(-1),
  };
  const latest = useRef(everywhere);
  latest.current = everywhere;
  useEffect(() => {
    if (localStorage.getItem("farthing.keys") === "off") return;
    const listen = (event: globalThis.KeyboardEvent) => {
      const target = event.target as HTMLElement | null;
      if (event.ctrlKey || event.metaKey || event.altKey || target?.closest("input, textarea, select, [role=dialog]"))
        return;
      if (!inSequence(event)) latest.current[event.key]?.();
    };
    window.addEventListener("keydown", listen);
    return () => window.removeEventListener("keydown", listen);
  }, []);
  const listen = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey || !actions[event.key]) return;
    event.preventDefault();
    actions[event.key]?.();
  };
  return { jump, listen };
}
