/** The rows of a tree in; a treegrid beside its timeline, of which only what is seen is drawn, out. */
import { type KeyboardEvent, useCallback, useEffect, useRef, useState } from "react";
import { MOST_ROWS, scrolledTo, slice, type View } from "../../ui/table/slice.ts";
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
  const [looked, setLooked] = useState<View>(() => ({ top: 0, height: Math.max(320, window.innerHeight - 330) }));
  const look = useCallback(() => {
    const host = scroller.current;
    if (!host) return;
    // Within a row nothing else is seen.
    const [top, height] = [Math.floor(host.scrollTop / ROW) * ROW, host.clientHeight];
    setLooked((now) => (now.top === top && now.height === height ? now : { top, height }));
  }, []);
  useEffect(() => {
    const watch = new ResizeObserver(look);
    if (scroller.current) watch.observe(scroller.current);
    return () => watch.disconnect();
  }, [look]);
  useEffect(() => {
    const host = scroller.current;
    if (host && pickedRow >= 0) host.scrollTop = scrolledTo(pickedRow, host.scrollTop, host.clientHeight, ROW);
  }, [pickedRow]);
  const seen = slice(looked, rows.length, 0, MOST_ROWS, ROW);
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
      onScroll={look}
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
      <div role="rowgroup" style={{ height: rows.length * ROW, position: "relative" }}>
        {Array.from(rows.subarray(seen.first, seen.last), (place, step) => {
          const index = seen.first + step;
          return (
            <Row
              key={place}
              tree={tree}
              place={place}
              index={index}
              top={index * ROW}
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
