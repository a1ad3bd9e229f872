/** One row in; its cells, or their shadows while it is on its way, out. */
import type { Column } from "./Grid.tsx";
import { cellName } from "./keys.ts";

interface RowProps<T> {
  place: number;
  top: number;
  row: T | undefined;
  columns: readonly Column<T>[];
  picked: string | undefined;
  marked: ReadonlyMap<string, T> | undefined;
  idOf: (row: T) => string;
  /** The column of the cell that the tab key comes to; -1 for none of this row. */
  tab: number;
  onPick: (column: number, row: T) => void;
  onFilter: (name: string, value: string) => void;
}

export function Row<T>({ place, top, row, columns, picked, marked, idOf, tab, onPick, onFilter }: RowProps<T>) {
  const selected = row !== undefined && (idOf(row) === picked || (marked?.has(idOf(row)) ?? false));
  return (
    <div
      role="row"
      className="row"
      aria-rowindex={place + 2}
      aria-selected={selected}
      style={{ transform: `translateY(${top}px)` }}
    >
      {columns.map((column, at) => (
        <div
          key={column.key}
          role="gridcell"
          className={column.right ? "cell r" : "cell"}
          aria-colindex={at + 1}
          data-cell={cellName(place, at)}
          data-column={column.key}
          tabIndex={tab === at ? 0 : -1}
          title={row && column.hint?.(row)}
          onClick={(event) => {
            if (row && !(event.target as HTMLElement).closest("a, label")) onPick(at, row);
          }}
          onDoubleClick={() => {
            const filter = row && column.filter?.(row);
            if (filter) onFilter(...filter);
          }}
        >
          {row === undefined ? <i className="shadow" aria-hidden /> : column.cell(row)}
        </div>
      ))}
    </div>
  );
}
