/** Rows by their place and columns in; a grid that draws only what is seen, walked by keys, out. */
import {
  type ReactNode,
  type RefObject,
  useEffect,
  useLayoutEffect,
  useRef,
  useState,
  useSyncExternalStore,
} from "react";
import { Header } from "./Header.tsx";
import type { Pages } from "./pages.ts";
import { Row } from "./Row.tsx";
import { type Act, action, cellName, useKeys } from "./keys.ts";
import { scrolledTo, slice } from "./slice.ts";
import "./table.css";

export interface Column<T> {
  key: string;
  title: string;
  width: number;
  /** Whether it is shown to those who chose nothing. */
  usual?: boolean;
  right?: boolean;
  /** What the list's order by it is called. */
  sort?: string;
  cell: (row: T) => ReactNode;
  /** The exact value, for who hovers. */
  hint?: (row: T) => string | undefined;
  /** The filter that keeps rows like this one. */
  filter?: (row: T) => readonly [string, string] | null;
}

export interface GridProps<T> {
  label: string;
  rows: Pages<T>;
  columns: readonly Column<T>[];
  widths: Record<string, number>;
  onResize: (key: string, width: number) => void;
  onMove: (key: string, before: string) => void;
  sort: string;
  onSort: (sort: string) => void;
  /** The row that keys act upon. */
  active: number;
  onActive: (place: number) => void;
  idOf: (row: T) => string;
  picked: string | undefined;
  /** Where several rows can be marked: which are, by id. */
  marked?: ReadonlyMap<string, T>;
  act: Act<T>;
  busy: boolean;
  scroller: RefObject<HTMLDivElement | null>;
  empty: ReactNode;
}

export const ROW = 34;

export function Grid<T>(props: GridProps<T>) {
  const { rows, columns, widths, active, scroller } = props;
  useSyncExternalStore(rows.subscribe, rows.snapshot);
  const [view, setView] = useState({ top: 0, height: 900 });
  const [base, setBase] = useState(0);
  const [column, setColumn] = useState(0);
  const wanted = useRef(false);
  const seen = slice(view, rows.count, base);
  const at = Math.min(column, columns.length - 1);

  useEffect(() => rows.look(seen.first, seen.last), [rows, seen.first, seen.last, rows.count]);
  useLayoutEffect(() => {
    setBase(0);
    if (scroller.current) scroller.current.scrollTop = 0;
  }, [rows, scroller]);
  useLayoutEffect(() => {
    const host = scroller.current;
    if (!host) return;
    const measure = () => setView({ top: host.scrollTop, height: host.clientHeight });
    const watch = new ResizeObserver(measure);
    watch.observe(host);
    return () => watch.disconnect();
  }, [scroller]);
  useLayoutEffect(() => {
    // A list higher than a browser's elements can be is shown a part at a time.
    if (!seen.shift || !scroller.current) return;
    setBase(base + seen.shift);
    scroller.current.scrollTop -= seen.shift * ROW;
  }, [seen.shift, base, scroller]);
  useLayoutEffect(() => {
    const host = scroller.current;
    if (host && active > 0) host.scrollTop = scrolledTo(active - base, host.scrollTop, host.clientHeight);
    // When another row becomes the active one, not whenever the list is scrolled.
  }, [active, scroller]);
  useLayoutEffect(() => {
    if (!wanted.current) return;
    const cell = scroller.current?.querySelector<HTMLElement>(`[data-cell="${cellName(active, at)}"]`);
    if (!cell) return;
    wanted.current = false;
    cell.focus({ preventScroll: true });
  });

  const go = (place: number, to = at) => {
    const row = Math.max(-1, Math.min(rows.count - 1, place));
    setColumn(Math.max(0, Math.min(columns.length - 1, to)));
    wanted.current = true;
    props.onActive(row);
    const host = scroller.current;
    if (host && row === 0) host.scrollTop = 0;
  };
  const page = Math.max(1, Math.floor(view.height / ROW) - 2);
  const pressed = (event: KeyboardEvent | React.KeyboardEvent) =>
    action(event, {
      row: rows.row(active),
      place: active,
      column: columns[at],
      at,
      page,
      last: rows.count - 1,
      go,
      ...props,
    });
  useKeys(scroller, pressed);

  const width = (one: Column<T>) => widths[one.key] ?? one.width;
  const template = `${columns.map((one) => `${width(one)}px`).join(" ")} 1fr`;
  const least = columns.reduce((sum, one) => sum + width(one), 0);
  const tab = active >= seen.first && active < seen.last ? active : active === -1 ? -1 : seen.first;
  const drawn = Array.from({ length: seen.last - seen.first }, (_, step) => seen.first + step);
  return (
    <div
      ref={scroller}
      className="table"
      role="grid"
      aria-label={props.label}
      aria-rowcount={rows.ended ? rows.count + 1 : -1}
      aria-colcount={columns.length}
      aria-multiselectable={props.marked ? true : undefined}
      aria-busy={!rows.error && (props.busy || !rows.ready)}
      onScroll={(event) => setView({ top: event.currentTarget.scrollTop, height: event.currentTarget.clientHeight })}
      onKeyDown={pressed}
      style={{ "--template": template, "--least": `${least}px` } as React.CSSProperties}
    >
      <Header {...props} width={width} tab={tab === -1 ? at : -1} onFocus={(to) => go(-1, to)} />
      <div className="rows" role="rowgroup" style={{ height: Math.max(1, seen.rows) * ROW }}>
        {drawn.map((place) => (
          <Row
            key={place}
            place={place}
            top={(place - base) * ROW}
            row={rows.row(place)}
            columns={columns}
            picked={props.picked}
            marked={props.marked}
            idOf={props.idOf}
            tab={tab === place ? at : -1}
            onPick={(to, row) => {
              go(place, to);
              props.act.peek(row);
            }}
            onFilter={props.act.filter}
          />
        ))}
        {rows.ready && rows.count === 0 && (
          <div role="row">
            <div role="gridcell">{props.empty}</div>
          </div>
        )}
      </div>
    </div>
  );
}
