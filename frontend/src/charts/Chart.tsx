/** An option and a sentence about it in; a picture that is read by keys too, and what was clicked or dragged over, out. */
import type { ECharts, EChartsCoreOption } from "echarts/core";
import { useEffect, useRef, useState } from "react";
import { Skeleton } from "../ui/Skeleton.tsx";
import { join } from "./crosshair.ts";
import { watchDrags } from "./dragging.ts";
import { type Reading, useReading } from "./reading.ts";

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
  onTable?: () => void;
  /** How many steps the arrow keys go over, and which series. */
  steps?: number;
  names?: readonly string[];
  /** What is said of a step, or of one series there. */
  read?: Reading;
  /** The series, or the part of a ring, that stands out; the rest is dimmed. */
  highlighted?: string | null;
}

const engine = () => import("./engine.ts");
const NOTHING = () => "";

export function Chart(props: ChartProps) {
  const { option, of, height, label, group, steps = 0, names = [], highlighted } = props;
  const host = useRef<HTMLDivElement>(null);
  const chart = useRef<ECharts | null>(null);
  const [ready, setReady] = useState(false);
  const [span, setSpan] = useState<[number, number] | null>(null);
  const act = useRef(props);
  act.current = props;

  useEffect(() => {
    let gone = false;
    let leave: (() => void) | undefined;
    let watch: ResizeObserver | undefined;
    void engine().then(({ init }) => {
      if (gone || !host.current) return;
      const made = init(host.current, null, { renderer: "svg" });
      chart.current = made;
      if (group) leave = join(group, made);
      const dragged = watchDrags(made, {
        moving: (next) => act.current.onRange && setSpan(next),
        dragged: (first, last) => act.current.onRange?.(first, last),
        clicked: (step) => act.current.onPick?.(step, ""),
      });
      made.on("click", (event) => {
        if (!dragged()) act.current.onPick?.(event.dataIndex ?? 0, nameOf(event));
      });
      // An observer tells the first size, too: it is drawn in that already.
      watch = new ResizeObserver(([seen]) => {
        const { width = 0, height = 0 } = seen?.contentRect ?? {};
        if (Math.round(width) !== made.getWidth() || Math.round(height) !== made.getHeight()) made.resize();
      });
      watch.observe(host.current);
      setReady(true);
    });
    return () => {
      gone = true;
      leave?.();
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

  useEffect(() => {
    chart.current?.dispatchAction({ type: "downplay" });
    if (!highlighted) return;
    chart.current?.dispatchAction({ type: "highlight", seriesName: highlighted });
    chart.current?.dispatchAction({ type: "highlight", seriesIndex: 0, name: highlighted });
  }, [highlighted, ready]);

  const reading = useReading({
    steps,
    names,
    read: props.read ?? NOTHING,
    show: (step, name) => {
      if (step === null) return void chart.current?.dispatchAction({ type: "hideTip" });
      chart.current?.dispatchAction({ type: "showTip", seriesIndex: 0, dataIndex: step });
      chart.current?.dispatchAction({ type: "downplay" });
      if (name) chart.current?.dispatchAction({ type: "highlight", seriesName: name });
    },
    pick: (step, name) => act.current.onPick?.(step, name),
    table: () => act.current.onTable?.(),
  });

  return (
    <div className="chart" style={{ height }} data-chart data-ready={ready}>
      {!ready && <Skeleton height={height} />}
      <div ref={host} className="plot" role="img" aria-label={label} tabIndex={0} {...reading.keys} />
      {span && <div className="dragged" style={{ left: Math.min(...span), width: Math.abs(span[1] - span[0]) }} />}
      <div className="sr-only" aria-live="polite">
        {reading.said}
      </div>
    </div>
  );
}

function nameOf(event: { seriesType?: string; seriesName?: string; name?: string }): string {
  if (event.seriesType === "scatter") return "";
  return (event.seriesType === "pie" ? event.name : event.seriesName) ?? "";
}
