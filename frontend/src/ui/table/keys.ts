/** A key pressed over a grid in; what is done with the row or the cell it was pressed on, out. */
import { type RefObject, useEffect, useRef } from "react";
import type { Column } from "./Grid.tsx";
import { NARROWEST } from "./layout.ts";
import { inSequence } from "../sequence.ts";

export interface Act<T> {
  open: (row: T) => void;
  peek: (row: T) => void;
  close: () => void;
  /** Where rows can be marked. */
  mark?: (row: T) => void;
  trace: (row: T) => void;
  copyId: (row: T) => void;
  copyRow: (row: T) => void;
  filter: (name: string, value: string) => void;
}

interface Over<T> {
  row: T | undefined;
  place: number;
  column: Column<T> | undefined;
  at: number;
  page: number;
  last: number;
  go: (place: number, column?: number) => void;
  act: Act<T>;
  sort: string;
  onSort: (sort: string) => void;
  onResize: (key: string, width: number) => void;
  widths: Record<string, number>;
}

type Press = KeyboardEvent | React.KeyboardEvent;

const STEP = 16;

export function cellName(place: number, column: number): string {
  return `${place}:${column}`;
}

/** The highest first; pressed again, the lowest. */
export function turned(sort: string, by: string): string {
  return sort === `-${by}` ? by : `-${by}`;
}

export function action<T>(event: Press, over: Over<T>): void {
  const { place, at, go } = over;
  if (event.defaultPrevented || event.altKey || isTyping(event.target)) return;
  if (event.ctrlKey || event.metaKey) {
    if (event.key === "c" && over.row && !window.getSelection()?.toString()) over.act.copyRow(over.row);
    return;
  }
  if (inSequence(event)) return;
  const letters = localStorage.getItem("farthing.keys") !== "off";
  const moves: Record<string, () => void> = {
    ArrowDown: () => go(place + 1),
    ArrowUp: () => go(place - 1),
    ArrowRight: () => (event.shiftKey && place < 0 ? widen(over, STEP) : go(place, at + 1)),
    ArrowLeft: () => (event.shiftKey && place < 0 ? widen(over, -STEP) : go(place, at - 1)),
    PageDown: () => go(place + over.page),
    PageUp: () => go(Math.max(0, place - over.page)),
    Home: () => go(0),
    End: () => go(over.last),
    Escape: over.act.close,
    ...(letters ? { j: () => go(place + 1), k: () => go(Math.max(0, place - 1)) } : {}),
  };
  const found = moves[event.key] ?? (place < 0 ? ofHead(event, over) : ofRow(event, over, letters));
  if (!found) return;
  event.preventDefault();
  found();
}

function ofHead<T>(event: Press, { column, sort, onSort }: Over<T>): (() => void) | undefined {
  const by = column?.sort;
  return by && (event.key === "Enter" || event.key === " ") ? () => onSort(turned(sort, by)) : undefined;
}

/** What a cell leads to, such as a user. The tab key doesn't come to it: of rows that never end there would be no way out. */
function linkIn(target: EventTarget | null): HTMLElement | null | undefined {
  return target instanceof Element ? target.closest("[data-cell]")?.querySelector("a") : null;
}

function ofRow<T>(event: Press, { row, column, act }: Over<T>, letters: boolean): (() => void) | undefined {
  if (row === undefined) return undefined;
  const link = linkIn(event.target);
  if (event.key === "Enter") return () => (link ? link.click() : act.open(row));
  // A box that has the focus is ticked by it.
  if (event.key === " ") return event.target instanceof HTMLInputElement ? undefined : () => act.peek(row);
  if (!letters) return undefined;
  if (event.key === "o") return () => act.trace(row);
  if (event.key === "m" && act.mark) return () => act.mark?.(row);
  if (event.key === "y") return () => act.copyId(row);
  const filter = column?.filter?.(row);
  return event.key === "F" && filter ? () => act.filter(...filter) : undefined;
}

function widen<T>({ column, widths, onResize }: Over<T>, by: number): void {
  if (column) onResize(column.key, Math.max(NARROWEST, (widths[column.key] ?? column.width) + by));
}

function isTyping(target: EventTarget | null): boolean {
  if (target instanceof HTMLInputElement && target.type === "checkbox") return false;
  return (
    target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))
  );
}

/** Keys act upon the grid too while nothing else has the focus. */
export function useKeys(host: RefObject<HTMLElement | null>, pressed: (event: KeyboardEvent) => void): void {
  const latest = useRef(pressed);
  latest.current = pressed;
  useEffect(() => {
    const listen = (event: KeyboardEvent) => {
      const held = document.activeElement;
      const free = held === null || held === document.body || held.id === "page";
      // What stands beside a list is about a row of it: letters act upon the list from there too.
      const beside = held?.closest("[data-beside]") != null;
      const meant = free ? /^([jkmoyF ]|Enter|Escape|Arrow(Up|Down))$/ : beside ? /^([jkmoy]|Escape)$/ : /^$/;
      if (host.current && meant.test(event.key)) latest.current(event);
    };
    window.addEventListener("keydown", listen);
    return () => window.removeEventListener("keydown", listen);
  }, [host]);
}
