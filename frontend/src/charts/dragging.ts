/** A chart and the pointer over it in; the first and the last step of a drag, or the step of a click beside all marks, out. */
import type { ECharts } from "echarts/core";

const LEAST_PX = 8;

interface Told {
  /** Where the drag is now, in pixels from the chart's left; null when there is none. */
  moving: (span: [number, number] | null) => void;
  dragged: (first: number, last: number) => void;
  clicked: (step: number) => void;
}

/** Returns whether a drag has just ended: the click that follows is no click. */
export function watchDrags(chart: ECharts, told: Told): () => boolean {
  let from: number | null = null;
  let justDragged = false;
  const step = (x: number) => {
    const at = chart.convertFromPixel({ xAxisIndex: 0 }, x);
    return typeof at === "number" ? Math.max(0, at) : 0;
  };
  const zr = chart.getZr();
  zr.on("mousedown", (event) => {
    justDragged = false;
    from = chart.containPixel("grid", [event.offsetX, event.offsetY]) ? event.offsetX : null;
  });
  zr.on("mousemove", (event) => {
    if (from !== null && Math.abs(event.offsetX - from) > LEAST_PX) told.moving([from, event.offsetX]);
  });
  zr.on("mouseup", (event) => {
    if (from !== null && Math.abs(event.offsetX - from) > LEAST_PX) {
      const [first = 0, last = 0] = [step(from), step(event.offsetX)].sort((a, b) => a - b);
      justDragged = true;
      told.dragged(first, last);
    }
    from = null;
    told.moving(null);
  });
  zr.on("globalout", () => {
    from = null;
    told.moving(null);
  });
  zr.on("click", (event) => {
    if (!justDragged && !event.target && chart.containPixel("grid", [event.offsetX, event.offsetY]))
      told.clicked(step(event.offsetX));
  });
  return () => justDragged;
}
