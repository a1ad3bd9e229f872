/** What is scrolled to in; which rows are drawn, out. Rows are equally high, so it is arithmetic. */

const ROW = 34;
const BEYOND = 8;
/** Chromium draws nothing beyond 33,554,428 px; this many rows stay well below. */
export const MOST_ROWS = 900_000;

export interface Slice {
  /** The first row that is drawn, and the one after the last. */
  first: number;
  last: number;
  /** How many rows the scroller is high. */
  rows: number;
  /** By how many rows the part that is shown has to move on. */
  shift: number;
}

export interface View {
  top: number;
  height: number;
}

/** `high` is a row, and the head above them all. */
export function slice(view: View, count: number, base: number, most = MOST_ROWS, high = ROW): Slice {
  const rows = Math.min(count - base, most);
  const top = Math.floor(view.top / high);
  const first = base + Math.max(0, Math.min(top, rows) - BEYOND);
  const last = base + Math.min(rows, top + Math.ceil(view.height / high) + BEYOND);
  const half = Math.floor(most / 2);
  let shift = 0;
  if (count - base > most && last >= base + most) shift = half;
  else if (base > 0 && first === base) shift = -Math.min(half, base);
  return { first: Math.min(first, Math.max(base, last)), last, rows, shift };
}

/** Where to scroll so that a row is wholly seen below the head, moving no more than needed. */
export function scrolledTo(row: number, top: number, height: number, high = ROW): number {
  const [above, below] = [row * high, (row + 2) * high - height];
  return above < top ? above : below > top ? below : top;
}
