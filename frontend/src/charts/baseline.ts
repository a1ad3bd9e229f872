/** A series in; for each step the band of what was usual in the steps before, and the steps far outside it, out. */

export interface Band {
  low: (number | null)[];
  middle: (number | null)[];
  high: (number | null)[];
}

export const WINDOW = 14;
const LEAST = 7;
/** From the median absolute deviation to a standard deviation, of what is spread normally. */
const SCALE = 1.4826;
const FAR = 3;

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  const upper = sorted[half] ?? 0;
  return sorted.length % 2 ? upper : (upper + (sorted[half - 1] ?? upper)) / 2;
}

/** `skip` steps come before what is shown: they are looked at and have no band of their own. */
export function baseline(values: readonly (number | null)[], skip = 0): Band {
  const band: Band = { low: [], middle: [], high: [] };
  for (let at = skip; at < values.length; at++) {
    const before = values.slice(Math.max(0, at - WINDOW), at).filter((value) => value !== null);
    if (before.length < LEAST) {
      for (const line of [band.low, band.middle, band.high]) line.push(null);
      continue;
    }
    const middle = median(before);
    const spread = SCALE * median(before.map((value) => Math.abs(value - middle)));
    band.middle.push(middle);
    band.low.push(Math.max(0, middle - spread));
    band.high.push(middle + spread);
  }
  return band;
}

/** The steps whose value is more than three deviations from the usual. */
export function unusual(values: readonly (number | null)[], band: Band): number[] {
  return values.flatMap((value, at) => {
    const [middle, high] = [band.middle[at], band.high[at]];
    if (value === null || middle == null || high == null) return [];
    // Where nothing ever varied, a small change is not an anomaly.
    const spread = Math.max(high - middle, middle * 0.1);
    return spread > 0 && Math.abs(value - middle) > FAR * spread ? [at] : [];
  });
}
