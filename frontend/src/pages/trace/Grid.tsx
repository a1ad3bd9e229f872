/** The rows of a tree in; a treegrid beside its timeline, of which only what is seen is drawn, out. */
import { useVirtualizer } from "@tanstack/react-virtual";
import { type KeyboardEvent, useEffect, useRef } from "react";
import type { Window } from "./Explorer.tsx";
import { Row } from "./Row.tsx";
import { Ruler } from "./Ruler.tsx";
import type { Tree } from "./tree.ts";

export const ROW = 28;

interface GridProps {
  tree: Tree;
  rows: Int32Array;
  found: Uint8Array | null;
  folded: ReadonlySet<number>;
  picked: number;
  pickedRow: number;
  pick: (place: number) => void;
  fold: (place: number, shut: boolean) => void;
  span: Window;
  zoom: (place: number) => void;
  view: string;
  path: ReadonlySet<number> | null;
  onKeyDown: (event: KeyboardEvent) => void;
}

export function Grid(props: GridProps) {
  const { tree, rows, found, folded, picked, pickedRow, pick, fold, span, zoom, view, path, onKeyDown } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const drawn = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW,
    overscan: 8,
    scrollPaddingStart: ROW,
  });
  useEffect(() => {
    if (pickedRow >= 0) drawn.scrollToIndex(pickedRow, { align: "auto" });
  }, [pickedRow, drawn]);
  return (
    <div
      ref={scroller}
      role="treegrid"
      aria-label="Spans of the trace"
      aria-rowcount={rows.length + 1}
      aria-activedescendant={pickedRow >= 0 ? `span-${picked}` : undefined}
      tabIndex={0}
      className="treegrid"
      data-view={view}
      onKeyDown={onKeyDown}
    >
      <div role="row" aria-rowindex={1} className="treerow head">
        <span role="columnheader">Span</span>
        {view !== "timeline" && (
          <>
            <span role="columnheader" className="r">
              Duration
            </span>
            <span role="columnheader" className="r" title="With all below">
              Tokens
            </span>
            <span role="columnheader" className="r" title="Of the span itself">
              Own cost
            </span>
            <span role="columnheader" className="r" title="With all below; the bar is the share of the span above">
              Subtree cost
            </span>
          </>
        )}
        {view !== "tree" && (
          <span role="columnheader" aria-label="Time">
            <Ruler span={span} />
          </span>
        )}
      </div>
      <div role="rowgroup" style={{ height: drawn.getTotalSize(), position: "relative" }}>
        {drawn.getVirtualItems().map((item) => {
          const place = rows[item.index]!;
          return (
            <Row
              key={place}
              tree={tree}
              place={place}
              index={item.index}
              top={item.start}
              shut={folded.has(place)}
              selected={place === picked}
              faint={found !== null && !found[place]}
              critical={path?.has(place) ?? false}
              span={span}
              view={view}
              pick={pick}
              fold={fold}
              zoom={zoom}
            />
          );
        })}
      </div>
      {rows.length === 0 && <p className="empty">No span of this trace matches.</p>}
    </div>
  );
}
