/** Columns and the order of a list in; the head of its table, whose cells sort, move and grow, out. */
import { useRef } from "react";
import type { Column, GridProps } from "./Grid.tsx";
import { cellName, turned } from "./keys.ts";

interface HeaderProps<T> extends GridProps<T> {
  width: (column: Column<T>) => number;
  tab: number;
  onFocus: (column: number) => void;
}

export function Header<T>({ columns, sort, onSort, onMove, onResize, width, tab, onFocus }: HeaderProps<T>) {
  const dragged = useRef<string | null>(null);
  return (
    <div role="rowgroup" className="head">
      <div role="row" className="row" aria-rowindex={1}>
        {columns.map((column, at) => {
          const by = column.sort;
          const order =
            by === undefined ? undefined : sort === by ? "ascending" : sort === `-${by}` ? "descending" : "none";
          return (
            <div
              key={column.key}
              role="columnheader"
              className={column.right ? "cell r" : "cell"}
              aria-colindex={at + 1}
              aria-sort={order}
              data-cell={cellName(-1, at)}
              data-sortable={by !== undefined}
              tabIndex={tab === at ? 0 : -1}
              title={
                !column.title
                  ? undefined
                  : by
                    ? `${column.title}: click to sort, drag to move`
                    : `${column.title}: drag to move`
              }
              draggable={column.title !== ""}
              onDragStart={() => (dragged.current = column.key)}
              onDragOver={(event) => event.preventDefault()}
              onDrop={() => dragged.current && dragged.current !== column.key && onMove(dragged.current, column.key)}
              onClick={() => {
                onFocus(at);
                if (by) onSort(turned(sort, by));
              }}
            >
              {column.title || <span className="sr-only">Mark</span>}
              {order === "ascending" ? " ↑" : order === "descending" ? " ↓" : ""}
              <Grip from={() => width(column)} onResize={(to) => onResize(column.key, to)} usual={column.width} />
            </div>
          );
        })}
      </div>
    </div>
  );
}

interface GripProps {
  from: () => number;
  usual: number;
  onResize: (width: number) => void;
}

function Grip({ from, usual, onResize }: GripProps) {
  const held = useRef<{ x: number; width: number } | null>(null);
  return (
    <span
      className="grip"
      aria-hidden
      draggable
      onDragStart={(event) => {
        // The head cell itself can be dragged; its edge can't, it is pulled.
        event.preventDefault();
        event.stopPropagation();
      }}
      onClick={(event) => event.stopPropagation()}
      onDoubleClick={() => onResize(usual)}
      onPointerDown={(event) => {
        held.current = { x: event.clientX, width: from() };
        event.currentTarget.setPointerCapture(event.pointerId);
      }}
      onPointerMove={(event) => {
        if (held.current) onResize(held.current.width + event.clientX - held.current.x);
      }}
      onPointerUp={() => (held.current = null)}
    />
  );
}
