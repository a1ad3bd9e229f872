/** An option and a sentence about it in; a picture, its table, and what was clicked or dragged over, out. */
import { Skeleton } from "@mantine/core";
import type { ECharts, EChartsCoreOption } from "echarts/core";
import { useEffect, useRef, useState } from "react";

export interface ChartProps {
  /** Called again when the theme changes: colours are read then. */
  option: () => EChartsCoreOption;
  /** What the option depends on. */
  of: readonly unknown[];
  height: number;
  /** What a listener is told: measure, range, total, peak. */
  label: string;
  group?: string;
  onPick?: (step: number, name: string) => void;
  onRange?: (first: number, last: number) => void;
  steps?: number;
}

const engine = () => import("./engine.ts");

export function Chart({ option, of, height, label, group, onPick, onRange, steps = 0 }: ChartProps) {
  const host = useRef<HTMLDivElement>(null);
  const chart = useRef<ECharts | null>(null);
  const [ready, setReady] = useState(false);
  const [at, setAt] = useState<number | null>(null);
  const act = useRef({ onPick, onRange });
  act.current = { onPick, onRange };

  useEffect(() => {
    let gone = false;
    let watch: ResizeObserver | undefined;
    void engine().then(({ init, connect }) => {
      if (gone || !host.current) return;
      const made = init(host.current, null, { renderer: "svg" });
      chart.current = made;
      if (group) {
        made.group = group;
        connect(group);
      }
      made.on("click", (event) => act.current.onPick?.(event.dataIndex ?? 0, event.seriesName ?? event.name ?? ""));
      dragging(made, (first, last) => act.current.onRange?.(first, last));
      watch = new ResizeObserver(() => made.resize());
      watch.observe(host.current);
      setReady(true);
    });
    return () => {
      gone = true;
      watch?.disconnect();
      chart.current?.dispose();
      chart.current = null;
    };
  }, [group]);

  useEffect(() => {
    if (!ready) return;
    const draw = () => chart.current?.setOption(option(), { notMerge: true });
    draw();
    const themes = new MutationObserver(draw);
    themes.observe(document.documentElement, { attributeFilter: ["data-mantine-color-scheme"] });
    return () => themes.disconnect();
    // The option is a new function on every render; what it depends on is told.
  }, [ready, ...of]);

  const keys = (event: React.KeyboardEvent) => {
    if (!steps) return;
    if (event.key === "ArrowRight" || event.key === "ArrowLeft") {
      const next = Math.min(steps - 1, Math.max(0, (at ?? -1) + (event.key === "ArrowRight" ? 1 : -1)));
      setAt(next);
      chart.current?.dispatchAction({ type: "showTip", seriesIndex: 0, dataIndex: next });
    } else if (event.key === "Enter" && at !== null) act.current.onPick?.(at, "");
    else if (event.key === "Escape") chart.current?.dispatchAction({ type: "hideTip" });
    else return;
    event.preventDefault();
  };

  return (
    <div style={{ position: "relative", height }} data-chart>
      {!ready && <Skeleton height={height} />}
      <div
        ref={host}
        role="img"
        aria-label={label}
        tabIndex={0}
        onKeyDown={keys}
        style={{ position: "absolute", inset: 0 }}
      />
    </div>
  );
}

/** A drag over the plot tells the first and the last step it went over. */
function dragging(chart: ECharts, told: (first: number, last: number) => void): void {
  let from: number | null = null;
  const step = (x: number) => {
    const at = chart.convertFromPixel({ xAxisIndex: 0 }, x);
    return typeof at === "number" ? at : 0;
  };
  const zr = chart.getZr();
  zr.on("mousedown", (event) => {
    from = chart.containPixel("grid", [event.offsetX, event.offsetY]) ? event.offsetX : null;
  });
  zr.on("mouseup", (event) => {
    if (from !== null && Math.abs(event.offsetX - from) > 8) {
      const ends = [step(from), step(event.offsetX)].sort((a, b) => a - b);
      told(Math.max(0, ends[0] ?? 0), ends[1] ?? 0);
    }
    from = null;
  });
}
