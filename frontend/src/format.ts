/** Exact decimal strings, counts, durations and times in; what people read, out. No number of money is ever a float here. */
import { clock, MONTHS, WEEKDAYS } from "./clock.ts";

export type Decimal = string;

const NONE = "—";

/** Digits before a point, in threes. */
function inThrees(whole: string): string {
  return whole.replace(/\B(?=(\d{3})+$)/g, ",");
}

const THOUSANDS: readonly (readonly [number, string])[] = [
  [1e12, "T"],
  [1e9, "B"],
  [1e6, "M"],
  [1e3, "K"],
];

/** With at most one digit after the point; what that would round up to a thousand of a unit is one of the next. */
function compact(value: number): string {
  const size = Math.abs(value);
  const tenths = (unit: number) => Math.round((size / unit) * 10);
  const [unit, name] = THOUSANDS.find(([one]) => size >= one || tenths(one / 1000) >= 10_000) ?? [1, ""];
  return `${value < 0 ? "-" : ""}${tenths(unit) / 10}${name}`;
}

/** A decimal as a sign, digits before the point and digits after it. */
function parts(value: Decimal): { negative: boolean; whole: string; fraction: string } {
  const negative = value.startsWith("-");
  const [whole = "0", fraction = ""] = (negative ? value.slice(1) : value).split(".");
  return { negative, whole: whole.replace(/^0+(?=\d)/, ""), fraction };
}

/** Rounded half up to so many digits after the point, exactly. */
export function rounded(value: Decimal, digits: number): Decimal {
  const { negative, whole, fraction } = parts(value);
  const scaled = BigInt(whole + fraction.padEnd(digits, "0").slice(0, digits));
  const up = Number(fraction[digits] ?? "0") >= 5 ? 1n : 0n;
  const text = (scaled + up).toString().padStart(digits + 1, "0");
  const out = digits ? `${text.slice(0, -digits)}.${text.slice(-digits)}` : text;
  return negative && /[1-9]/.test(out) ? `-${out}` : out;
}

export function isZero(value: Decimal): boolean {
  return !/[1-9]/.test(value);
}

function grouped(value: Decimal): string {
  const [whole = "0", fraction] = value.split(".");
  const text = inThrees(whole);
  return fraction ? `${text}.${fraction}` : text;
}

export function dollars(value: Decimal): string {
  return value.startsWith("-") ? `−$${grouped(value.slice(1))}` : `$${grouped(value)}`;
}

/** How many zeros stand after the point before the first other digit, of a value below one. */
function leadingZeros(value: Decimal): number {
  const { fraction } = parts(value);
  return fraction.match(/^0*/)?.[0].length ?? 0;
}

/** For a tile, a total or an axis. `null` is what nobody knows. */
export function money(value: Decimal | null | undefined): string {
  if (value === null || value === undefined) return NONE;
  if (isZero(value)) return "$0";
  const { negative, whole } = parts(value);
  const sign = negative ? "−" : "";
  if (whole.length >= 6) {
    const steps: [number, string][] = [
      [9, "B"],
      [6, "M"],
      [3, "k"],
    ];
    for (const [power, unit] of steps) {
      if (whole.length > power) {
        const head = `${whole.slice(0, -power)}.${whole.slice(-power)}`;
        return `${sign}$${rounded(head, power === 3 ? 1 : 2)}${unit}`;
      }
    }
  }
  if (whole !== "0") return dollars(rounded(value, 2));
  const zeros = leadingZeros(value);
  return dollars(rounded(value, zeros < 2 ? 3 : zeros + 2));
}

/** For one request, span or cell: digits stay under each other. */
export function cellMoney(value: Decimal | null | undefined): string {
  if (value === null || value === undefined) return NONE;
  if (isZero(value)) return "$0";
  const { whole, negative } = parts(value);
  if (whole === "0" && leadingZeros(value) >= 6) return negative ? ">−$0.000001" : "<$0.000001";
  return dollars(rounded(value, whole === "0" ? 6 : whole.length <= 2 ? 4 : 2));
}

/** All digits. */
export function exactMoney(value: Decimal | null | undefined): string {
  return value === null || value === undefined ? "unknown" : dollars(value);
}

/** A rate per million units, at most four significant digits after the point's first. */
export function rate(perToken: Decimal | null, per: number): string {
  if (perToken === null) return NONE;
  return `${dollars(trimmed(perToken))} /${per === 1_000_000 ? "1M" : compact(per)}`;
}

function trimmed(value: Decimal): Decimal {
  return value.includes(".") ? value.replace(/0+$/, "").replace(/\.$/, "") : value;
}

export function count(value: number | null | undefined): string {
  return value === null || value === undefined ? NONE : grouped(String(Math.round(value * 1000) / 1000));
}

/** For a tile. */
export function shortCount(value: number | null | undefined): string {
  if (value === null || value === undefined) return NONE;
  return value < 10_000 ? count(value) : compact(value);
}

export function duration(ms: number | null | undefined): string {
  if (ms === null || ms === undefined) return NONE;
  if (ms < 1) return `${ms.toFixed(2)} ms`;
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(2)} s`;
  const seconds = Math.floor(ms / 1000);
  if (ms < 3_600_000) return `${Math.floor(seconds / 60)}m ${String(seconds % 60).padStart(2, "0")}s`;
  return `${Math.floor(seconds / 3600)}h ${Math.floor((seconds % 3600) / 60)}m`;
}

/** A share from 0 to 1. */
export function percent(share: number | null | undefined): string {
  if (share === null || share === undefined || Number.isNaN(share)) return NONE;
  const value = share * 100;
  if (value > 999) return ">999 %";
  return `${Math.abs(value) < 10 && value !== 0 ? value.toFixed(1) : Math.round(value)} %`;
}

/** The change from `before` to `now`, with an arrow; `new` from nothing. */
export function delta(now: number, before: number): string {
  if (before === 0) return now === 0 ? "±0 %" : "new";
  const change = (now - before) / Math.abs(before);
  if (Math.abs(change) < 0.0005) return "±0 %";
  return `${change > 0 ? "▲" : "▼"} ${percent(Math.abs(change))}`;
}

/** For drawing and for ratios only, never for sums or for text. */
export function approximate(value: Decimal | null | undefined): number {
  return value ? Number(value) : 0;
}

const two = (value: number) => String(value).padStart(2, "0");

export function moment(iso: string, zone: string, seconds = true): string {
  const at = Date.parse(iso);
  if (Number.isNaN(at)) return iso;
  const { month, day, hour, minute, second } = clock(at, zone);
  return `${MONTHS[month]} ${day} ${two(hour)}:${two(minute)}${seconds ? `:${two(second)}` : ""}`;
}

/** A day by its name. */
export function dayName(at: number, zone: string): string {
  const { weekday, month, day } = clock(at, zone);
  return `${WEEKDAYS[weekday]}, ${MONTHS[month]} ${day}`;
}

/** Whole days by their names, else from when to when. */
export function span(from: string, to: string, zone: string): string {
  const [first, end] = [moment(from, zone, false), moment(to, zone, false)];
  if (!first.endsWith(" 00:00") || !end.endsWith(" 00:00")) return `${first} – ${end}`;
  const [begin, last] = [dayName(Date.parse(from), zone), dayName(Date.parse(to) - 1, zone)];
  return begin === last ? begin : `${begin} – ${last}`;
}

export function ago(iso: string, now: number): string {
  const seconds = Math.max(0, Math.round((now - Date.parse(iso)) / 1000));
  if (seconds < 60) return `${seconds}s ago`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m ago`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)}h ago`;
  return `${Math.floor(seconds / 86_400)}d ago`;
}

export function shortId(id: string): string {
  return id.slice(0, 8);
}
