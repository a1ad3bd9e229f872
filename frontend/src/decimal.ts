/** Exact decimal strings in; their sums, differences and quotients as exact decimal strings, out. No float on the way. */
import type { Decimal } from "./format.ts";

interface Scaled {
  units: bigint;
  digits: number;
}

function scaled(value: Decimal): Scaled {
  const [whole = "0", fraction = ""] = value.replace("-", "").split(".");
  const units = BigInt(whole + fraction);
  return { units: value.startsWith("-") ? -units : units, digits: fraction.length };
}

function written({ units, digits }: Scaled): Decimal {
  const sign = units < 0n ? "-" : "";
  const text = (units < 0n ? -units : units).toString().padStart(digits + 1, "0");
  if (!digits) return sign + text;
  const fraction = text.slice(-digits).replace(/0+$/, "");
  return `${sign}${text.slice(0, -digits)}${fraction ? `.${fraction}` : ""}`;
}

export function plus(a: Decimal, b: Decimal): Decimal {
  const [x, y] = [scaled(a), scaled(b)];
  const digits = Math.max(x.digits, y.digits);
  const up = (of: Scaled) => of.units * 10n ** BigInt(digits - of.digits);
  return written({ units: up(x) + up(y), digits });
}

export function negated(value: Decimal): Decimal {
  return value.startsWith("-") ? value.slice(1) : /[1-9]/.test(value) ? `-${value}` : value;
}

export function minus(a: Decimal, b: Decimal): Decimal {
  return plus(a, negated(b));
}

/** The sum of what is known; null where nothing is. */
export function sum(values: readonly (Decimal | null | undefined)[]): Decimal | null {
  let found: Decimal | null = null;
  for (const value of values)
    if (value !== null && value !== undefined) found = found === null ? value : plus(found, value);
  return found;
}

/** One part of so many, cut off after so many digits; null where there is nothing to divide. */
export function each(value: Decimal | null | undefined, parts: number, digits = 18): Decimal | null {
  if (value === null || value === undefined || !parts) return null;
  const { units, digits: had } = scaled(value);
  const more = Math.max(digits, had);
  return written({ units: (units * 10n ** BigInt(more - had)) / BigInt(parts), digits: more });
}

export function times(value: Decimal, factor: number): Decimal {
  const { units, digits } = scaled(value);
  return written({ units: units * BigInt(factor), digits });
}
