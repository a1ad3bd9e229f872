/** A tree in; the whole trace in forty pixels, in which a stretch of time is chosen by dragging or by keys, out. */
import { type KeyboardEvent, type PointerEvent, useEffect, useRef, useState } from "react";
import { useComputedColorScheme } from "@mantine/core";
import { duration } from "../../format.ts";
import type { Window } from "./Explorer.tsx";
import type { Tree } from "./tree.ts";

const HEIGHT = 40;
const LANES = 13;
const LEAST = 0.002;

function paint(canvas: HTMLCanvasElement, tree: Tree): void {
  const wide = canvas.clientWidth;
  const dense = window.devicePixelRatio || 1;
  canvas.width = wide * dense;
  canvas.height = HEIGHT * dense;
  const pen = canvas.getContext("2d");
  if (!pen) return;
  pen.scale(dense, dense);
  const style = getComputedStyle(canvas);
  const ratio = wide / tree.total;
  // Calls over the rest, what failed over both: a red line among thousands must not be painted over.
  ["--series-other", "--accent", "--error"].forEach((colour, kind) => {
    pen.fillStyle = style.getPropertyValue(colour);
    for (let at = 0; at < tree.count; at++) {
      if (kind !== (tree.failed[at] ? 2 : tree.role[at] === "model" ? 1 : 0)) continue;
      const lane = Math.min(LANES - 1, tree.depth[at]!);
      pen.fillRect(tree.start[at]! * ratio, 1 + lane * 3, Math.max(1, tree.duration[at]! * ratio), 2);
    }
  });
}

export function Minimap({ tree, span, setSpan }: { tree: Tree; span: Window; setSpan: (span: Window) => void }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const scheme = useComputedColorScheme();
  const began = useRef<number | null>(null);
  const [drawn, setDrawn] = useState<Window | null>(null);
  useEffect(() => {
    const held = canvas.current;
    if (!held) return;
    const watch = new ResizeObserver(() => paint(held, tree));
    watch.observe(held);
    return () => watch.disconnect();
  }, [tree, scheme]);
  const at = (event: PointerEvent) => {
    const box = event.currentTarget.getBoundingClientRect();
    return Math.min(1, Math.max(0, (event.clientX - box.left) / box.width)) * tree.total;
  };
  const stretch = (to: number): Window => ({
    from: Math.min(began.current ?? to, to),
    to: Math.max(began.current ?? to, to),
  });
  const whole = { from: 0, to: tree.total };
  const move = (by: number, zoom: number) => {
    const wide = Math.min(tree.total, Math.max(tree.total * LEAST, (span.to - span.from) * zoom));
    const middle = (span.from + span.to) / 2 + by * wide;
    const from = Math.min(tree.total - wide, Math.max(0, middle - wide / 2));
    setSpan({ from, to: from + wide });
  };
  const keys: Record<string, () => void> = {
    ArrowLeft: () => move(-0.2, 1),
    ArrowRight: () => move(0.2, 1),
    "+": () => move(0, 0.5),
    "-": () => move(0, 2),
    Home: () => setSpan(whole),
  };
  const shown = drawn ?? span;
  const zoomed = span.from > 0 || span.to < tree.total;
  return (
    <div className="minimap-line">
      <div
        className="minimap"
        role="slider"
        tabIndex={0}
        aria-label="Stretch of the trace: arrows move it, plus and minus change how long it is"
        aria-valuemin={0}
        aria-valuemax={tree.total}
        aria-valuenow={Math.round(span.from)}
        aria-valuetext={`${duration(span.from / 1000)} to ${duration(span.to / 1000)}`}
        title="Drag to look at a stretch; double-click for the whole"
        onPointerDown={(event) => {
          began.current = at(event);
          event.currentTarget.setPointerCapture(event.pointerId);
        }}
        onPointerMove={(event) => began.current !== null && setDrawn(stretch(at(event)))}
        onPointerUp={(event) => {
          const next = stretch(at(event));
          if (next.to - next.from > tree.total * LEAST) setSpan(next);
          began.current = null;
          setDrawn(null);
        }}
        onDoubleClick={() => setSpan(whole)}
        onKeyDown={(event: KeyboardEvent) => {
          const act = keys[event.key];
          if (!act) return;
          event.preventDefault();
          act();
        }}
      >
        <canvas ref={canvas} aria-hidden />
        <i className="veil" aria-hidden style={{ left: 0, width: `${(100 * shown.from) / tree.total}%` }} />
        <i className="veil" aria-hidden style={{ right: 0, width: `${100 - (100 * shown.to) / tree.total}%` }} />
      </div>
      {zoomed && (
        <button type="button" className="copy" onClick={() => setSpan(whole)}>
          Whole trace
        </button>
      )}
    </div>
  );
}
