/** A list's address and columns in; a table that reads on as one scrolls and is walked by keys, out. */
import { Button, Skeleton } from "@mantine/core";
import { useWindowVirtualizer } from "@tanstack/react-virtual";
import { type ReactNode, useEffect, useLayoutEffect, useRef, useState } from "react";
import { usePlace } from "../../app/place.ts";
import { count } from "../../format.ts";
import { Failure } from "../../ui/Panel.tsx";
import { carried } from "../../url.ts";
import { type Listed, usePages } from "./usePages.ts";
import "./listing.css";

export interface Column<Row> {
  title: string;
  width: string;
  right?: boolean;
  /** What the server calls the order by it. */
  sort?: string;
  cell: (row: Row) => ReactNode;
  hint?: (row: Row) => string | undefined;
}

interface ListingProps<Row> extends Listed<Row> {
  label: string;
  columns: readonly Column<Row>[];
  hrefOf: (row: Row) => string;
  sort?: string;
  onSort?: (sort: string) => void;
  empty: ReactNode;
}

const ROW = 34;
const EARLY = 30;

export function Listing<Row>(props: ListingProps<Row>) {
  const { label, columns, idOf, hrefOf, sort, onSort, empty } = props;
  const { search, go } = usePlace();
  const pages = usePages<Row>(props);
  const rows = pages.rows ?? [];
  const [active, setActive] = useState(0);
  const body = useRef<HTMLDivElement>(null);
  const [offset, setOffset] = useState(0);
  useLayoutEffect(() => {
    if (body.current) setOffset(body.current.getBoundingClientRect().top + window.scrollY);
  }, [rows.length > 0]);
  const drawn = useWindowVirtualizer({
    count: rows.length,
    estimateSize: () => ROW,
    overscan: 10,
    scrollMargin: offset,
  });
  const items = drawn.getVirtualItems();
  const last = items.at(-1)?.index ?? 0;
  const more = pages.more;
  useEffect(() => {
    if (more && rows.length && last > rows.length - EARLY && !pages.error) more();
  }, [last, rows.length, more, pages.error]);
  const move = (to: number) => {
    const next = Math.min(rows.length - 1, Math.max(0, to));
    setActive(next);
    drawn.scrollToIndex(next);
    requestAnimationFrame(() => body.current?.querySelector<HTMLElement>(`[data-index="${next}"]`)?.focus());
  };
  const open = (row: Row) => go(hrefOf(row), carried(search));
  const keys: Record<string, () => void> = {
    j: () => move(active + 1),
    ArrowDown: () => move(active + 1),
    k: () => move(active - 1),
    ArrowUp: () => move(active - 1),
    Home: () => move(0),
    End: () => move(rows.length - 1),
    PageDown: () => move(active + 15),
    PageUp: () => move(active - 15),
    Enter: () => rows[active] && open(rows[active]),
    y: () => rows[active] && void navigator.clipboard.writeText(idOf(rows[active])),
  };
  const template = { gridTemplateColumns: columns.map((one) => one.width).join(" ") };
  if (pages.error && !pages.rows) return <Failure error={pages.error} retry={pages.retry} height={200} />;
  if (!pages.rows) {
    return (
      <div aria-busy>
        <Skeleton height={16 * ROW} />
      </div>
    );
  }
  return (
    <section className="panel listing" aria-label={label} aria-busy={pages.busy}>
      {pages.waiting > 0 && (
        <Button size="compact-sm" fullWidth variant="light" onClick={pages.insert}>
          {count(pages.waiting)} new
        </Button>
      )}
      <div className="stale wide">
        <div
          role="grid"
          aria-label={label}
          aria-rowcount={pages.more ? -1 : rows.length + 1}
          onKeyDown={(event) => {
            if (event.ctrlKey || event.metaKey || event.altKey || !keys[event.key]) return;
            event.preventDefault();
            keys[event.key]?.();
          }}
        >
          <div role="rowgroup">
            <div role="row" aria-rowindex={1} className="line head" style={template}>
              {columns.map((column) => (
                <Head key={column.title} column={column} sort={sort} onSort={onSort} />
              ))}
            </div>
          </div>
          <div role="rowgroup" ref={body} style={{ height: drawn.getTotalSize(), position: "relative" }}>
            {items.map((item) => {
              const row = rows[item.index]!;
              return (
                <div
                  key={idOf(row)}
                  role="row"
                  aria-rowindex={item.index + 2}
                  data-index={item.index}
                  className="line"
                  tabIndex={item.index === active ? 0 : -1}
                  style={{ ...template, transform: `translateY(${item.start - offset}px)` }}
                  onFocus={() => setActive(item.index)}
                  onClick={(event) => {
                    if (!(event.target as HTMLElement).closest("a")) open(row);
                  }}
                >
                  {columns.map((column) => (
                    <span
                      key={column.title}
                      role="gridcell"
                      className={column.right ? "r" : ""}
                      title={column.hint?.(row)}
                    >
                      {column.cell(row)}
                    </span>
                  ))}
                </div>
              );
            })}
          </div>
        </div>
      </div>
      {!rows.length && <div className="empty">{empty}</div>}
      {pages.error && <Failure error={pages.error} retry={pages.retry} />}
      <p className="muted foot" aria-live="polite">
        {pages.reading ? "Reading on…" : `${count(rows.length)} ${pages.more ? "so far" : "in all"}`}
      </p>
    </section>
  );
}

interface HeadProps<Row> {
  column: Column<Row>;
  sort: string | undefined;
  onSort: ((sort: string) => void) | undefined;
}

function Head<Row>({ column, sort, onSort }: HeadProps<Row>) {
  const by = column.sort;
  const order = !by ? undefined : sort === by ? "ascending" : sort === `-${by}` ? "descending" : "none";
  return (
    <span role="columnheader" aria-sort={order} className={column.right ? "r" : ""}>
      {by && onSort ? (
        <button type="button" onClick={() => onSort(sort === `-${by}` ? by : `-${by}`)}>
          {column.title}
          {order === "ascending" ? " ↑" : order === "descending" ? " ↓" : ""}
        </button>
      ) : (
        column.title
      )}
    </span>
  );
}
