/** Items and runs in; a table that draws only what is seen: what was asked, expected and answered, and what it scored and cost, out. */
import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useRef, useState } from "react";
import { Answered, Text } from "./Answered.tsx";
import type { Comparison, Item } from "./questions.ts";
import { moved, regressed } from "./regressions.ts";

const USUAL_PX = 190;

interface ItemGridProps {
  of: Comparison;
  rows: readonly Item[];
  total: number;
  /** The one meant; "": any. */
  score: string;
  /** Asks for the next page, if there is one and nobody does yet. */
  more: (() => void) | undefined;
}

export function ItemGrid({ of, rows, total, score, more }: ItemGridProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const [picked, setPicked] = useState(-1);
  const drawn = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => USUAL_PX,
    getItemKey: (index) => rows[index]?.item_id ?? index,
    overscan: 3,
    scrollPaddingStart: 36,
  });
  const seen = drawn.getVirtualItems();
  const last = seen.at(-1)?.index ?? 0;
  useEffect(() => {
    if (last >= rows.length - 5) more?.();
  }, [last, rows.length, more]);
  const go = (step: 1 | -1) => {
    const next = moved(rows, of, score, picked, step);
    if (next < 0) return;
    setPicked(next);
    drawn.scrollToIndex(next, { align: "start" });
  };
  useRegressionKeys(go);
  const columns = { gridTemplateColumns: `minmax(200px, 1fr) repeat(${of.runs.length}, minmax(220px, 1fr))` };
  const base = of.runs.find((run) => run.is_base);
  return (
    <div
      ref={scroller}
      className="cases"
      role="table"
      aria-label="Items by run"
      aria-rowcount={total + 1}
      aria-colcount={of.runs.length + 1}
      tabIndex={0}
    >
      <div role="rowgroup" className="case-head">
        <div role="row" aria-rowindex={1} className="case" style={columns}>
          <span role="columnheader">Item</span>
          {of.runs.map((run) => (
            <span role="columnheader" key={run.id}>
              {run.name}
              {run.is_base && <span className="muted"> (baseline)</span>}
            </span>
          ))}
        </div>
      </div>
      <div role="rowgroup" className="case-body" style={{ height: drawn.getTotalSize() }}>
        {seen.map(({ index, key, start }) => {
          const item = rows[index]!;
          return (
            <div
              key={key}
              ref={drawn.measureElement}
              role="row"
              aria-rowindex={index + 2}
              aria-current={index === picked ? "true" : undefined}
              data-index={index}
              className="case"
              style={{ ...columns, transform: `translateY(${start}px)` }}
            >
              <div role="rowheader">
                <span className="mono">{item.item_id}</span>
                {regressed(item, of, score) && <span className="bad"> ↓ regressed</span>}
                <Text name="Input" value={item.input} />
                <Text name="Expected" value={item.expected_output} />
              </div>
              {of.runs.map((run) => (
                <div role="cell" key={run.id}>
                  <Answered
                    of={item.runs[run.id] ?? null}
                    base={run.is_base || !base ? null : (item.runs[base.id] ?? null)}
                    scores={of.scores}
                  />
                </div>
              ))}
            </div>
          );
        })}
      </div>
    </div>
  );
}

/** Single letters are off while somebody types. */
function useRegressionKeys(go: (step: 1 | -1) => void) {
  const act = useRef(go);
  act.current = go;
  useEffect(() => {
    if (localStorage.getItem("farthing.keys") === "off") return;
    const listen = (event: KeyboardEvent) => {
      const typing = event.target instanceof HTMLElement && /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName);
      if (typing || event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.key === "n") act.current(1);
      if (event.key === "p") act.current(-1);
    };
    window.addEventListener("keydown", listen);
    return () => window.removeEventListener("keydown", listen);
  }, []);
}
