/** Numbers of a chart in; how they are written on axes and in tooltips, a column with one precision, out. */
import { dollars, duration, money, moment, percent, rounded, shortCount } from "../format.ts";

export type Unit = "money" | "count" | "ms" | "share" | "ratio";

/** A float as a decimal without exponent: for drawing only. */
function plainDecimal(value: number): string {
  const text = String(value);
  return text.includes("e") ? value.toFixed(12) : text;
}

export function written(value: number | null, unit: Unit): string {
  if (value === null) return "—";
  if (unit === "money") return money(plainDecimal(value));
  if (unit === "share") return percent(value);
  if (unit === "ratio")
    return value < 10 && value % 1 ? rounded(plainDecimal(value), 2) : shortCount(Math.round(value));
  return unit === "ms"
    ? duration(value)
    : shortCount(value < 10 && value % 1 ? Number(value.toFixed(1)) : Math.round(value));
}

/** On an axis: as short as can be, for its steps are round. */
export function axisValue(value: number, unit: Unit): string {
  if (value === 0) return unit === "money" ? "$0" : unit === "share" ? "0 %" : "0";
  return written(value, unit).replace(/\.0+(?=$|\D)|(?<=\.\d*[1-9])0+(?=$|\D)/, "");
}

/** All amounts of a tooltip with as many digits as the greatest needs; what is less than the last digit says so. */
export function column(values: readonly (number | null)[], unit: Unit): string[] {
  if (unit !== "money") return values.map((value) => written(value, unit));
  const most = Math.max(0, ...values.map((value) => Math.abs(value ?? 0)));
  const digits = most >= 1 || most === 0 ? 2 : most >= 0.01 ? 3 : Math.min(12, 1 - Math.floor(Math.log10(most)));
  const least = 10 ** -digits;
  return values.map((value) => {
    if (value === null) return "—";
    if (value === 0) return "$0";
    if (Math.abs(value) < least / 2) return `<$${least.toFixed(digits)}`;
    return dollars(rounded(plainDecimal(value), digits));
  });
}

export function axisTime(iso: string, zone: string, daily: boolean): string {
  const text = moment(iso, zone, false);
  return daily ? text.replace(/ \d\d:\d\d$/, "") : text;
}

export function isDaily(times: readonly string[]): boolean {
  const [a, b] = times;
  return a !== undefined && b !== undefined && Date.parse(b) - Date.parse(a) >= 82_800_000;
}

/** Names come from applications: in a tooltip they are text, never markup. */
export function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
}

const BEFORE_LETTERS = "\u2060";

/**
 * A name as it may be drawn: the engine keeps the widths of texts in plain objects, where `__proto__` and its like would
 * change what all objects inherit. What comes before it has no width.
 */
export function lettered(name: string): string {
  return name in Object.prototype ? `${BEFORE_LETTERS}${name}` : name;
}
