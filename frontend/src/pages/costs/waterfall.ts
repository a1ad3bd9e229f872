/** What a period cost before, the parts of the change and what it costs now in; bars that hang where the last one ended, out. */
import { plus } from "../../decimal.ts";
import { approximate, type Decimal } from "../../format.ts";

export interface Bar {
  name: string;
  about: string;
  value: Decimal;
  kind: "level" | "more" | "less" | "same";
  /** In parts of the whole width. */
  left: number;
  width: number;
}

export const TITLES: Record<string, string> = {
  volume: "Volume",
  model_mix: "Model mix",
  tier: "Tier",
  tokens_per_call: "Tokens per call",
  other_usage: "Other usage",
  cache_share: "Cache share",
  context: "Long context",
  price: "Price",
};

interface Part {
  part: string;
  usd: Decimal;
  about: string;
}

/** Where the scale begins: not at zero where the change would be too small to see. */
export function scaleStart(levels: readonly number[]): number {
  const [least, most] = [Math.min(...levels), Math.max(...levels)];
  return (most - least) * 4 < most ? Math.max(0, least - (most - least)) : 0;
}

export function waterfall(before: Decimal, parts: readonly Part[], after: Decimal): { bars: Bar[]; start: number } {
  let level = before;
  const levels = [before, ...parts.map((part) => (level = plus(level, part.usd))), after].map(approximate);
  const start = scaleStart(levels);
  const wide = Math.max(...levels) - start || 1;
  const place = (a: number, b: number) => ({
    left: (Math.min(a, b) - start) / wide,
    width: Math.abs(a - b) / wide,
  });
  const bars = parts.map((part, at): Bar => {
    const kind = !/[1-9]/.test(part.usd) ? "same" : part.usd.startsWith("-") ? "less" : "more";
    const name = TITLES[part.part] ?? part.part;
    return { name, about: part.about, value: part.usd, kind, ...place(levels[at] ?? 0, levels[at + 1] ?? 0) };
  });
  const end = (name: string, about: string, value: Decimal): Bar => ({
    name,
    about,
    value,
    kind: "level",
    ...place(start, approximate(value)),
  });
  return {
    bars: [end("Before", "What it cost before.", before), ...bars, end("Now", "What it costs now.", after)],
    start,
  };
}
