/** A budget and its spend over time in; spend added up, its forecast and the limit, as ECharts draws them, out. */
import type { EChartsCoreOption } from "echarts/core";
import { axisTime } from "../../charts/written.ts";
import { token } from "../../charts/palette.ts";
import { plus } from "../../decimal.ts";
import { approximate, type Decimal, money } from "../../format.ts";
import type { Budget, Spend } from "./questions.ts";

export interface Burn {
  times: string[];
  /** Exact sums up to the end of each step; null from now on. */
  spent: (Decimal | null)[];
  forecast: (number | null)[];
  /** How far it may come if the rest is as cheap, or as dear, as the cheapest and dearest steps so far. */
  low: (number | null)[];
  high: (number | null)[];
}

export function burn(of: Budget, answer: Spend, now: number): Burn {
  const steps = answer.series;
  const width = steps.length > 1 ? Date.parse(steps[1]?.time ?? "") - Date.parse(steps[0]?.time ?? "") : 3_600_000;
  const times: string[] = [];
  const spent: (Decimal | null)[] = [];
  const each: number[] = [];
  let sum: Decimal = "0";
  for (const step of steps) {
    if (Date.parse(step.time) > now) break;
    const cost = step.groups[0]?.cost_usd ?? "0";
    sum = plus(sum, cost);
    times.push(step.time);
    spent.push(sum);
    each.push(approximate(cost));
  }
  const last = spent.length - 1;
  const forecast: (number | null)[] = spent.map((_, at) => (at === last ? approximate(sum) : null));
  const [low, high] = [[...forecast], [...forecast]];
  const end = of.period_end ? Date.parse(of.period_end) : now;
  const from = Date.parse(times[last] ?? of.period_start) + width;
  // The step that isn't over says nothing about how cheap a step can be.
  const whole = each.slice(0, -1);
  if (of.forecast_usd !== null && end > from) {
    const left = Math.ceil((end - from) / width);
    const start = approximate(sum);
    const rise = approximate(of.forecast_usd) - start;
    const pace = (some: number[]) => (some.length ? some.reduce((a, b) => a + b, 0) / some.length : 0);
    const sorted = [...whole].sort((a, b) => a - b);
    const part = Math.max(1, Math.ceil(sorted.length / 4));
    for (let at = 1; at <= left; at++) {
      times.push(new Date(from + (at - 1) * width).toISOString());
      spent.push(null);
      forecast.push(start + (rise * at) / left);
      low.push(Math.min(start + (rise * at) / left, start + pace(sorted.slice(0, part)) * at));
      high.push(Math.max(start + (rise * at) / left, start + pace(sorted.slice(-part)) * at));
    }
  }
  return { times, spent, forecast, low, high };
}

export function burnOption(found: Burn, limit: Decimal, zone: string, daily: boolean): EChartsCoreOption {
  const muted = token("muted");
  const quiet = { type: "line", symbol: "none", silent: true, tooltip: { show: false } };
  const most = approximate(limit);
  const width = found.high.map((high, at) => (high === null ? null : high - (found.low[at] ?? 0)));
  return {
    animation: false,
    textStyle: { fontFamily: "Inter Variable, system-ui, sans-serif", fontSize: 12, color: muted },
    grid: { left: 8, right: 16, top: 16, bottom: 4, containLabel: true },
    tooltip: {
      trigger: "axis",
      confine: true,
      transitionDuration: 0,
      backgroundColor: token("panel"),
      borderColor: token("line"),
      textStyle: { color: token("text"), fontSize: 12 },
      valueFormatter: (value: unknown) => (typeof value === "number" ? money(value.toFixed(6)) : "—"),
    },
    xAxis: {
      type: "category",
      data: found.times.map((time) => axisTime(time, zone, daily)),
      axisLine: { lineStyle: { color: token("line") } },
      axisTick: { show: false },
      axisLabel: { color: muted, hideOverlap: true },
    },
    yAxis: {
      type: "value",
      min: 0,
      splitNumber: 4,
      axisLabel: { color: muted, formatter: (value: number) => money(String(value)) },
      splitLine: { lineStyle: { color: token("line") } },
    },
    series: [
      { ...quiet, name: " low", stack: "cone", lineStyle: { opacity: 0 }, data: found.low },
      {
        ...quiet,
        name: " cone",
        stack: "cone",
        lineStyle: { opacity: 0 },
        areaStyle: { color: muted, opacity: 0.18 },
        data: width,
      },
      {
        type: "line",
        name: "Spent",
        symbol: "none",
        lineStyle: { width: 2, color: token("series-0") },
        itemStyle: { color: token("series-0") },
        areaStyle: { color: token("series-0"), opacity: 0.12 },
        data: found.spent.map((value) => (value === null ? null : approximate(value))),
      },
      {
        type: "line",
        name: "Forecast",
        symbol: "none",
        lineStyle: { width: 2, type: "dashed", color: muted },
        itemStyle: { color: muted },
        data: found.forecast,
      },
      {
        type: "line",
        name: "Limit",
        symbol: "none",
        lineStyle: { width: 1.5, color: token("error") },
        itemStyle: { color: token("error") },
        data: found.times.map(() => most),
      },
    ],
  };
}
