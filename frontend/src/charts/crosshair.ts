/** The charts of a page in; one crosshair through all of them, with a tooltip only where the pointer is, out. */
import type { ECharts } from "echarts/core";

const pages = new Map<string, Set<ECharts>>();

interface Pointed {
  axesInfo?: { axisDim: string; value: number }[];
}

/** A chart joins the others of its group; what is returned lets it go. */
export function join(group: string, chart: ECharts): () => void {
  const all = pages.get(group) ?? new Set<ECharts>();
  pages.set(group, all.add(chart));
  const others = () => [...all].filter((one) => one !== chart && !one.isDisposed());
  chart.on("updateAxisPointer", (event) => {
    const step = (event as Pointed).axesInfo?.find((axis) => axis.axisDim === "x")?.value;
    for (const other of others()) follow(other, step);
  });
  chart.on("globalout", () => others().forEach((other) => follow(other, undefined)));
  return () => {
    all.delete(chart);
  };
}

// The action takes a way to show tooltips with it; without one the line moves and no tooltip opens.
const noTooltip = { dispatchAction: () => undefined };

function follow(chart: ECharts, step: number | undefined): void {
  const x = step === undefined ? undefined : chart.convertToPixel({ xAxisIndex: 0 }, step);
  const action =
    typeof x === "number" && Number.isFinite(x)
      ? { type: "updateAxisPointer", x, y: chart.getHeight() / 2, ...noTooltip }
      : { type: "updateAxisPointer", currTrigger: "leave", ...noTooltip };
  chart.dispatchAction(action, { silent: true });
}
