/** Series over time in; what ECharts draws, in our colours, out. One function per kind of chart over time. */
import type { EChartsCoreOption } from "echarts/core";
import type { Band } from "./baseline.ts";
import { colour, OTHER, slots, token } from "./palette.ts";
import type { Line, Over } from "./series.ts";
import { axisTime, axisValue, column, escaped, isDaily, type Unit } from "./written.ts";

export interface Drawn {
  over: Over;
  unit: Unit;
  zone: string;
  dimension: string;
  /** The last step isn't over yet, where `over` itself doesn't say so. */
  partial?: boolean;
  /** The period it is compared with, step by step; of a stack only the sums are drawn. */
  earlier?: readonly Line[];
  isStack?: boolean;
  band?: Band;
  /** Steps worth a look. */
  marks?: number[];
  /** Where the scale ends, when charts beside each other share it. */
  most?: number;
  /** What it must not come to. */
  limit?: number | undefined;
  /** First and last steps of what went on for a while. */
  spans?: readonly (readonly [number, number])[] | undefined;
}

export function isCut({ over, partial }: Drawn, step: number): boolean {
  const ends = over.cut ?? { first: false, last: partial ?? false };
  return (step === 0 && ends.first) || (step === over.times.length - 1 && ends.last);
}

export function stepName(drawn: Drawn, step: number): string {
  const { over, zone } = drawn;
  const name = axisTime(over.times[step] ?? "", zone, isDaily(over.times));
  if (!isCut(drawn, step)) return name;
  return step === over.times.length - 1 ? `${name}, so far` : `${name}, in part`;
}

interface Tip {
  dataIndex: number;
  seriesName?: string;
  value?: unknown;
  marker?: string;
}

/** Rows in the order of the stack, from the top; what is zero is left out; one precision. */
function tooltip(drawn: Drawn, tips: Tip[]): string {
  const step = tips[0]?.dataIndex ?? 0;
  const rows = drawn.over.lines
    .map((line) => ({ name: line.name, value: line.values[step] ?? null }))
    .filter((row) => row.value !== 0);
  const summed = drawn.unit === "money" || drawn.unit === "count";
  const total = rows.reduce((sum, row) => sum + (row.value ?? 0), 0);
  const earlier = beforeOf(drawn);
  const all = [...rows.map((row) => row.value), total, ...earlier.map((one) => one.values[step] ?? null)];
  const texts = column(all, drawn.unit);
  const marker = (name: string) => tips.find((tip) => tip.seriesName === name)?.marker ?? "";
  const shown = rows.map((row, at) => line(`${marker(row.name)}${escaped(row.name)}`, texts[at] ?? "")).reverse();
  if (summed && rows.length > 1) shown.push(line("<b>Total</b>", `<b>${texts[rows.length] ?? ""}</b>`));
  earlier.forEach((one, at) =>
    shown.push(line(one.name ? `${escaped(one.name)} before` : "Before", texts[rows.length + 1 + at] ?? "")),
  );
  if (!rows.length) shown.push(line("Nothing", ""));
  return `<div class="tip"><b>${escaped(stepName(drawn, step))}</b>${shown.join("")}</div>`;
}

/** The lines that are drawn of the earlier period; the sum of a stack has no name. */
export function beforeOf({ earlier, over, isStack }: Drawn): readonly Line[] {
  if (!earlier) return [];
  if (!isStack) return earlier.filter((line) => over.lines.some((one) => one.name === line.name));
  const sums = over.times.map((_, step) => {
    const told = earlier.map((one) => one.values[step] ?? null).filter((value) => value !== null);
    return told.length ? told.reduce((sum, value) => sum + value, 0) : null;
  });
  return [{ name: "", values: sums }];
}

function line(name: string, value: string): string {
  return `<div><span>${name}</span><span class="num">${value}</span></div>`;
}

export function box() {
  return {
    confine: true,
    transitionDuration: 0,
    backgroundColor: token("panel"),
    borderColor: token("line"),
    textStyle: { color: token("text"), fontSize: 12 },
  };
}

export const FONT = { fontFamily: "Inter Variable, system-ui, sans-serif", fontSize: 12 };

function frame(drawn: Drawn): EChartsCoreOption {
  const { over, unit, zone, most, spans } = drawn;
  const daily = isDaily(over.times);
  const muted = token("muted");
  return {
    animation: false,
    textStyle: { ...FONT, color: muted },
    grid: { left: roomBeside(drawn), right: 12, top: 12, bottom: 24 },
    xAxis: shadedToo(spans, {
      type: "category",
      data: over.times.map((time) => axisTime(time, zone, daily)),
      axisLine: { lineStyle: { color: token("line") } },
      axisTick: { show: false },
      axisLabel: { color: muted, hideOverlap: true, interval: Math.ceil(over.times.length / (daily ? 8 : 5)) - 1 },
      axisPointer: { show: true, label: { show: false } },
    }),
    yAxis: shadedToo(spans, {
      type: "value",
      splitNumber: 4,
      ...(most === undefined ? {} : { max: most, interval: most / 4 }),
      axisLabel: { color: muted, formatter: (value: number) => axisValue(value, unit) },
      splitLine: { lineStyle: { color: token("line") } },
    }),
    tooltip: {
      ...box(),
      trigger: "axis",
      axisPointer: { type: "shadow", shadowStyle: { color: "rgba(120,130,150,.12)" } },
      // Beside the pointer, on the side with more room: the bar looked at stays free.
      position: (
        point: number[],
        _1: unknown,
        _2: unknown,
        _3: unknown,
        size: { contentSize: number[]; viewSize: number[] },
      ) => {
        const [x = 0, wide = 0, room = 0] = [point[0], size.contentSize[0], size.viewSize[0]];
        return [x > room / 2 ? x - wide - 24 : x + 24, 4];
      },
      formatter: (tips: Tip | Tip[]) => tooltip(drawn, Array.isArray(tips) ? tips : [tips]),
    },
  };
}

const CHARACTER_PX = 6.7;
const STEPS = [
  [1.5, 1],
  [2.5, 2],
  [4, 3],
  [7, 5],
  [Infinity, 10],
] as const;

/** Reckoned from what the scale will say: having it measured takes a tenth of all drawing. */
function roomBeside(drawn: Drawn): number {
  const { over, unit, most, limit = 0, band, isStack } = drawn;
  const known = (values: readonly (number | null)[] | undefined) => (values ?? []).map((value) => value ?? 0);
  const own = isStack ? [over.times.map((_, step) => stepSum(over, step))] : over.lines.map((one) => known(one.values));
  const others = [known(band?.high), ...beforeOf(drawn).map((one) => known(one.values))];
  const highest = most ?? [...own, ...others].flat().reduce((high, value) => Math.max(high, value), limit);
  const power = 10 ** Math.floor(Math.log10(highest / 4 || 1));
  const step = power * (STEPS.find(([below]) => highest / 4 / power < below)?.[1] ?? 1);
  const said = [0, 1, 2, 3, 4, 5, 6].map((at) => axisValue(most ? (most / 4) * at : step * at, unit).length);
  return Math.ceil(Math.max(...said, 3) * CHARACTER_PX) + 14;
}

/** What is shaded has axes of its own, from bottom to top: it takes no room from the bars. */
function shadedToo(spans: Drawn["spans"], axis: EChartsCoreOption): EChartsCoreOption | EChartsCoreOption[] {
  if (!spans?.length) return axis;
  const hidden = { show: false, axisPointer: { show: false } };
  return [axis, axis.type === "category" ? { ...axis, ...hidden } : { type: "value", min: 0, max: 1, ...hidden }];
}

function coloured(drawn: Drawn): string[] {
  const found = slots(
    drawn.dimension,
    drawn.over.lines.map((one) => one.name),
  );
  return drawn.over.lines.map((one) => colour(one.name === OTHER ? undefined : found.get(one.name)));
}

/** What only a part of a step is drawn with. */
function hatch() {
  return { symbol: "rect", dashArrayX: [1, 0], dashArrayY: [2, 4], rotation: -Math.PI / 4, color: token("panel") };
}

function bars(drawn: Drawn, values: readonly (number | null)[]) {
  return values.map((value, step) =>
    isCut(drawn, step) ? { value, itemStyle: { decal: hatch(), opacity: 0.75 } } : value,
  );
}

/** What is usual, what was before, and what stands out: drawn over bars and lines. */
function over(drawn: Drawn, colours: readonly string[] = []): EChartsCoreOption[] {
  const muted = token("muted");
  const quiet = { type: "line", silent: true, symbol: "none", tooltip: { show: false }, emphasis: { disabled: true } };
  const found: EChartsCoreOption[] = [];
  const { band, marks = [] } = drawn;
  if (band) {
    const width = band.high.map((high, at) => (high === null ? null : high - (band.low[at] ?? 0)));
    const clear = { lineStyle: { opacity: 0 }, stack: "band", z: 1 };
    found.push({ ...quiet, ...clear, name: " low", data: band.low });
    found.push({ ...quiet, ...clear, name: " band", data: width, areaStyle: { color: muted, opacity: 0.18 } });
    found.push({ ...quiet, name: " usual", data: band.middle, lineStyle: { color: muted, width: 1, type: "dotted" } });
  }
  for (const one of beforeOf(drawn)) {
    const at = drawn.over.lines.findIndex((line) => line.name === one.name);
    const color = one.name ? colours[at] : token("text");
    const lineStyle = { color, width: 1.5, type: "dashed", opacity: one.name ? 0.7 : 1 };
    found.push({ ...quiet, name: `${one.name} before`, data: one.values, lineStyle });
  }
  const { limit, spans } = drawn;
  if (limit !== undefined) {
    const lineStyle = { color: token("error"), width: 1.5 };
    found.push({ ...quiet, name: " limit", data: drawn.over.times.map(() => limit), lineStyle });
  }
  if (spans?.length) {
    const within = (step: number) => spans.some(([first, last]) => step >= first && step <= last);
    found.push({
      ...quiet,
      type: "bar",
      name: " span",
      xAxisIndex: 1,
      yAxisIndex: 1,
      barWidth: "100%",
      z: 0,
      itemStyle: { color: token("error"), opacity: 0.14 },
      data: drawn.over.times.map((_, step) => (within(step) ? 1 : null)),
    });
  }
  if (marks.length) {
    const sums = drawn.over.times.map((_, step) => stepSum(drawn.over, step));
    found.push({
      type: "scatter",
      name: "unusual",
      symbol: "diamond",
      symbolSize: 10,
      symbolOffset: [0, -9],
      tooltip: { show: false },
      itemStyle: { color: token("warning"), borderColor: token("panel"), borderWidth: 1 },
      data: sums.map((value, step) => (marks.includes(step) ? value : null)),
    });
  }
  return found;
}

export function stepSum(of: Over, step: number): number {
  return of.lines.reduce((sum, one) => sum + (one.values[step] ?? 0), 0);
}

/** Hover or focus dims the rest. */
const FOCUS = { emphasis: { focus: "series" }, blur: { itemStyle: { opacity: 0.2 }, lineStyle: { opacity: 0.2 } } };

/** Bars on top of each other, a gap of the panel's colour between them. */
export function stacked(drawn: Drawn): EChartsCoreOption {
  const colours = coloured(drawn);
  return {
    ...frame(drawn),
    series: [
      ...drawn.over.lines.map((one, at) => ({
        type: "bar",
        name: one.name,
        stack: "all",
        barCategoryGap: "18%",
        itemStyle: { color: colours[at], borderColor: token("panel"), borderWidth: 0.5 },
        ...FOCUS,
        data: bars(drawn, one.values),
      })),
      ...over(drawn),
    ],
  };
}

/** Bars beside each other. */
export function grouped(drawn: Drawn): EChartsCoreOption {
  const colours = coloured(drawn);
  return {
    ...frame(drawn),
    series: [
      ...drawn.over.lines.map((one, at) => ({
        type: "bar",
        name: one.name,
        barGap: "8%",
        itemStyle: { color: colours[at] },
        ...FOCUS,
        data: bars(drawn, one.values),
      })),
      ...over(drawn, colours),
    ],
  };
}

const DASHES = ["solid", "solid", "solid", "solid", "dashed", "dotted", [8, 3, 2, 3]] as const;

/** Lines, those past the fourth dashed. */
export function lined(drawn: Drawn): EChartsCoreOption {
  const colours = coloured(drawn);
  return {
    ...frame(drawn),
    series: [
      ...drawn.over.lines.map((one, at) => ({
        type: "line",
        name: one.name,
        // A step that isn't over ends in an empty point: the line alone would look like a drop.
        symbol: "emptyCircle",
        showSymbol: true,
        symbolSize: (_: unknown, { dataIndex }: { dataIndex: number }) =>
          isCut(drawn, dataIndex) ? 8 : drawn.over.times.length < 3 ? 6 : 0,
        triggerEvent: true,
        lineStyle: { width: 2, color: colours[at], type: DASHES[at] ?? "solid" },
        itemStyle: { color: colours[at] },
        ...FOCUS,
        data: one.values,
      })),
      ...over(drawn, colours),
    ],
  };
}
