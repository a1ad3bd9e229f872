/** Decimal strings in; whole units of 10^-24 dollars, which add up exactly, out; and back. */
import type { Decimal } from "../../format.ts";

const DIGITS = 24;

export function units(value: Decimal): bigint {
  const negative = value.startsWith("-");
  const [whole = "0", fraction = ""] = (negative ? value.slice(1) : value).split(".");
  const found = BigInt(whole + fraction.padEnd(DIGITS, "0").slice(0, DIGITS));
  return negative ? -found : found;
}

export function decimal(value: bigint | null): Decimal | null {
  if (value === null) return null;
  const text = (value < 0n ? -value : value).toString().padStart(DIGITS + 1, "0");
  const fraction = text.slice(-DIGITS).replace(/0+$/, "");
  return `${value < 0n ? "-" : ""}${text.slice(0, -DIGITS)}${fraction && `.${fraction}`}`;
}

/** What is unknown on both sides stays unknown. */
export function plus(one: bigint | null, other: bigint | null): bigint | null {
  return one === null ? other : other === null ? one : one + other;
}

/** A share for drawing; null where there is nothing to take a share of. */
export function share(part: bigint | null, whole: bigint | null): number | null {
  if (part === null || whole === null || whole <= 0n) return null;
  return Number((part * 10_000n) / whole) / 10_000;
}
