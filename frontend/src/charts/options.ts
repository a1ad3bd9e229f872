/** Series over time in; what ECharts draws, in our colours, out. One function per kind of chart. */
import type { EChartsCoreOption } from "echarts/core";
import { money, moment, shortCount } from "../format.ts";
import { colour, OTHER, slots, token } from "./palette.ts";
import type { Over } from "./series.ts";

export type Unit = "money" | "count" | "ms";

export interface Drawn {
  over: Over;
  unit: Unit;
  zone: string;
  dimension: string;
  /** The last step isn't over yet. */
  partial: boolean;
}

export function written(value: number | null, unit: Unit): string {
  if (value === null) return "—";
  if (unit === "money") return money(plainDecimal(value));
  return unit === "ms" ? `${shortCount(Math.round(value))} ms` : shortCount(Math.round(value));
}

/** A float as a decimal without exponent: for axes only. */
function plainDecimal(value: number): string {
  const text = String(value);
  return text.includes("e") ? value.toFixed(12) : text;
}

export function axisTime(iso: string, zone: string, daily: boolean): string {
  const text = moment(iso, zone, false);
  return daily ? text.replace(/ \d\d:\d\d$/, "") : text;
}

function isDaily(times: readonly string[]): boolean {
  const [a, b] = times;
  return a !== undefined && b !== undefined && Date.parse(b) - Date.parse(a) >= 82_800_000;
}

function frame(drawn: Drawn): EChartsCoreOption {
  const { over, unit, zone } = drawn;
  const daily = isDaily(over.times);
  const muted = token("muted");
  return {
    animation: false,
    aria: { enabled: false },
    textStyle: { fontFamily: "Inter Variable, system-ui, sans-serif", fontSize: 12, color: muted },
    grid: { left: 8, right: 12, top: 12, bottom: 4, containLabel: true },
    xAxis: {
      type: "category",
      data: over.times.map((time) => axisTime(time, zone, daily)),
      axisLine: { lineStyle: { color: token("line") } },
      axisTick: { show: false },
      axisLabel: { color: muted, hideOverlap: true },
    },
    yAxis: {
      type: "value",
      splitNumber: 4,
      axisLabel: { color: muted, formatter: (value: number) => written(value, unit) },
      splitLine: { lineStyle: { color: token("line") } },
    },
    tooltip: {
      trigger: "axis",
      confine: true,
      transitionDuration: 0,
      backgroundColor: token("panel"),
      borderColor: token("line"),
      textStyle: { color: token("text"), fontSize: 12 },
      axisPointer: { type: "shadow", shadowStyle: { color: "rgba(120,130,150,.12)" } },
      order: "seriesDesc",
      valueFormatter: (value: unknown) => written(typeof value === "number" ? value : null, unit),
    },
  };
}

function coloured(drawn: Drawn): { name: string; colour: string }[] {
  const found = slots(
    drawn.dimension,
    drawn.over.lines.map((line) => line.name),
  );
  return drawn.over.lines.map((line) => ({
    name: line.name,
    colour: colour(line.name === OTHER ? undefined : found.get(line.name)),
  }));
}

/** Bars on top of each other, a gap of the panel's colour between them. */
export function stacked(drawn: Drawn): EChartsCoreOption {
  const colours = coloured(drawn);
  const last = drawn.over.times.length - 1;
  return {
    ...frame(drawn),
    series: drawn.over.lines.map((line, at) => ({
      type: "bar",
      name: line.name,
      stack: "all",
      barCategoryGap: "18%",
      itemStyle: { color: colours[at]?.colour, borderColor: token("panel"), borderWidth: 0.5 },
      emphasis: { focus: "series" },
      blur: { itemStyle: { opacity: 0.2 } },
      data: line.values.map((value, step) =>
        drawn.partial && step === last ? { value, itemStyle: { opacity: 0.55 } } : value,
      ),
    })),
  };
}

/** Bars beside each other. */
export function grouped(drawn: Drawn): EChartsCoreOption {
  const colours = coloured(drawn);
  return {
    ...frame(drawn),
    series: drawn.over.lines.map((line, at) => ({
      type: "bar",
      name: line.name,
      barGap: "8%",
      itemStyle: { color: colours[at]?.colour },
      emphasis: { focus: "series" },
      data: line.values,
    })),
  };
}

const DASHES = ["solid", "solid", "solid", "solid", "dashed", "dotted", [8, 3, 2, 3]] as const;

/** Lines, those past the fourth dashed. */
export function lined(drawn: Drawn): EChartsCoreOption {
  const colours = coloured(drawn);
  return {
    ...frame(drawn),
    series: drawn.over.lines.map((line, at) => ({
      type: "line",
      name: line.name,
      showSymbol: drawn.over.times.length < 3,
      lineStyle: { width: 2, color: colours[at]?.colour, type: DASHES[at] ?? "solid" },
      itemStyle: { color: colours[at]?.colour },
      emphasis: { focus: "series" },
      data: line.values,
    })),
  };
}

export interface Share {
  name: string;
  value: number;
}

/** A ring; its middle is the page's to write. */
export function ring(shares: readonly Share[], dimension: string, unit: Unit): EChartsCoreOption {
  const found = slots(
    dimension,
    shares.map((share) => share.name),
  );
  return {
    animation: false,
    tooltip: {
      trigger: "item",
      confine: true,
      backgroundColor: token("panel"),
      borderColor: token("line"),
      textStyle: { color: token("text"), fontSize: 12 },
      valueFormatter: (value: unknown) => written(typeof value === "number" ? value : null, unit),
    },
    series: [
      {
        type: "pie",
        radius: ["62%", "92%"],
        label: { show: false },
        itemStyle: { borderColor: token("panel"), borderWidth: 1 },
        data: shares.map((share) => ({
          ...share,
          itemStyle: { color: colour(share.name === OTHER ? undefined : found.get(share.name)) },
        })),
      },
    ],
  };
}
