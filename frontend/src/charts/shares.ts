/** Entities with one value or a few each in; rings and lying bars as ECharts draws them, out. */
import type { EChartsCoreOption } from "echarts/core";
import { box, FONT } from "./options.ts";
import { colour, OTHER, slots, token } from "./palette.ts";
import { column, escaped, lettered, type Unit, written } from "./written.ts";

export interface Share {
  name: string;
  value: number;
}

export function coloursOf(shares: readonly Share[], dimension: string): string[] {
  const found = slots(
    dimension,
    shares.map((share) => share.name),
  );
  return shares.map((share) => colour(share.name === OTHER ? undefined : found.get(share.name)));
}

/** A ring with the total in its middle. */
export function ring(shares: readonly Share[], dimension: string, unit: Unit, middle: string): EChartsCoreOption {
  const colours = coloursOf(shares, dimension);
  return {
    animation: false,
    textStyle: FONT,
    tooltip: {
      ...box(),
      trigger: "item",
      formatter: (tip: { name: string; value: number; percent: number }) =>
        `<div class="tip"><div><span>${escaped(tip.name)}</span><span class="num">${written(tip.value, unit)} · ${tip.percent} %</span></div></div>`,
    },
    series: [
      {
        type: "pie",
        name: dimension,
        radius: ["64%", "94%"],
        label: { show: false },
        itemStyle: { borderColor: token("panel"), borderWidth: 1 },
        emphasis: { focus: "self", scale: false },
        blur: { itemStyle: { opacity: 0.2 } },
        data: shares.map((share, at) => ({ ...share, itemStyle: { color: colours[at] } })),
      },
      {
        type: "pie",
        silent: true,
        radius: [0, 1],
        tooltip: { show: false },
        label: {
          show: true,
          position: "center",
          formatter: middle,
          fontSize: 20,
          fontWeight: 600,
          color: token("text"),
        },
        data: [{ value: 1, itemStyle: { color: "transparent" } }],
      },
    ],
  };
}

export interface Lying {
  names: string[];
  series: { name: string; slot: number; values: (number | null)[] }[];
  unit: Unit;
}

/** Bars that lie, a few for each name, the first name on top. */
export function lying({ names, series, unit }: Lying): EChartsCoreOption {
  const muted = token("muted");
  return {
    animation: false,
    textStyle: { ...FONT, color: muted },
    grid: { left: 8, right: 24, top: 4, bottom: 4, containLabel: true },
    yAxis: {
      type: "category",
      inverse: true,
      data: names,
      axisLine: { show: false },
      axisTick: { show: false },
      axisLabel: { color: token("text"), width: 150, overflow: "truncate", formatter: lettered },
    },
    xAxis: {
      type: "value",
      splitNumber: 4,
      axisLabel: { color: muted, hideOverlap: true, formatter: (value: number) => written(value, unit) },
      splitLine: { lineStyle: { color: token("line") } },
    },
    tooltip: {
      ...box(),
      trigger: "axis",
      axisPointer: { type: "shadow", shadowStyle: { color: "rgba(120,130,150,.12)" } },
      formatter: (tips: { dataIndex: number; marker: string; seriesName: string }[]) => {
        const at = tips[0]?.dataIndex ?? 0;
        const texts = column(
          series.map((one) => one.values[at] ?? null),
          unit,
        );
        const rows = tips.map(
          (tip, row) =>
            `<div><span>${tip.marker}${escaped(tip.seriesName)}</span><span class="num">${texts[row]}</span></div>`,
        );
        return `<div class="tip"><b>${escaped(names[at] ?? "")}</b>${rows.join("")}</div>`;
      },
    },
    series: series.map((one) => ({
      type: "bar",
      name: one.name,
      barGap: "10%",
      barMaxWidth: 14,
      itemStyle: { color: colour(one.slot), borderRadius: [0, 2, 2, 0] },
      emphasis: { focus: "series" },
      blur: { itemStyle: { opacity: 0.2 } },
      data: one.values,
    })),
  };
}
