/** Runs with a cost and a quality in; what ECharts draws of them, with the line of those that none beats, out. */
import type { EChartsCoreOption } from "echarts/core";
import { box, FONT } from "../../charts/options.ts";
import { colour, token } from "../../charts/palette.ts";
import { escaped, written } from "../../charts/written.ts";
import { approximate, cellMoney } from "../../format.ts";
import { figure } from "./words.ts";

export interface Point {
  name: string;
  slot: number | undefined;
  cost: string | null;
  quality: number | null;
  isOnFront: boolean;
}

/** Of the runs whose cost and quality are both known, from the cheapest on. */
export function line(points: readonly Point[]): [number, number][] {
  return points
    .filter((point) => point.isOnFront && point.cost !== null && point.quality !== null)
    .map((point): [number, number] => [approximate(point.cost), point.quality ?? 0])
    .sort(([a], [b]) => a - b);
}

export function scatter(points: readonly Point[], score: string): EChartsCoreOption {
  const muted = token("muted");
  const axis = {
    type: "value",
    splitNumber: 4,
    scale: true,
    nameLocation: "middle",
    nameTextStyle: { color: muted },
    splitLine: { lineStyle: { color: token("line") } },
    axisLine: { lineStyle: { color: token("line") } },
  };
  return {
    animation: false,
    textStyle: { ...FONT, color: muted },
    grid: { left: 36, right: 64, top: 18, bottom: 30, containLabel: true },
    xAxis: {
      ...axis,
      name: "Cost per case",
      nameGap: 28,
      min: 0,
      axisLabel: { color: muted, hideOverlap: true, formatter: (value: number) => written(value, "money") },
    },
    yAxis: {
      ...axis,
      name: score,
      nameGap: 40,
      axisLabel: { color: muted, formatter: (value: number) => figure(value) },
    },
    tooltip: {
      ...box(),
      trigger: "item",
      formatter: ({ name }: { name: string }) => {
        const point = points.find((one) => one.name === name);
        if (!point) return "";
        return `<div class="tip"><b>${escaped(name)}</b><div><span>${escaped(score)}</span><span class="num">${figure(point.quality)}</span></div><div><span>Per case</span><span class="num">${cellMoney(point.cost)}</span></div></div>`;
      },
    },
    series: [
      {
        type: "scatter",
        symbolSize: 13,
        data: points
          .filter((point) => point.cost !== null && point.quality !== null)
          .map((point) => ({
            name: point.name,
            value: [approximate(point.cost), point.quality],
            itemStyle: { color: colour(point.slot) },
            label: { show: true, position: "top", formatter: point.name, color: token("text") },
          })),
      },
      {
        type: "line",
        silent: true,
        symbol: "none",
        z: 1,
        tooltip: { show: false },
        lineStyle: { color: muted, width: 1.5 },
        data: line(points),
      },
    ],
  };
}
