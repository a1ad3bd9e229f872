/** A few values or periods, each over time, in; small charts beside each other on one scale, out. */
import type { Search } from "../url.ts";
import { OverTime } from "./OverTime.tsx";
import { slots } from "./palette.ts";
import type { Over } from "./series.ts";
import { stepSum } from "./options.ts";
import type { Unit } from "./written.ts";

export interface One {
  title: string;
  sub: string;
  over: Over;
  narrowed?: (search: Search, name: string) => Search;
}

/** A scale's end that all share: the highest of them, up to two digits. */
export function scaleEnd(all: readonly Over[]): number {
  const most = Math.max(0, ...all.flatMap((over) => over.times.map((_, step) => stepSum(over, step))));
  if (!most) return 1;
  const unit = 10 ** (Math.floor(Math.log10(most)) - 1);
  return Math.ceil(most / unit / 4) * 4 * unit;
}

export function Multiples({ all, unit, dimension }: { all: readonly One[]; unit: Unit; dimension: string }) {
  const most = scaleEnd(all.map((one) => one.over));
  // Seen together first, so that no two of them get one colour.
  slots(
    dimension,
    all.flatMap((one) => one.over.lines.map((line) => line.name)),
  );
  return (
    <div className="multiples" style={{ gridTemplateColumns: `repeat(${all.length}, minmax(0, 1fr))` }}>
      {all.map((one) => (
        <figure key={one.title}>
          <figcaption>
            <strong>{one.title}</strong> <span className="muted">{one.sub}</span>
          </figcaption>
          <OverTime
            title={one.title}
            over={one.over}
            unit={unit}
            kind="stacked"
            dimension={dimension}
            height={160}
            most={most}
            group="multiples"
            narrowed={one.narrowed}
            bare
          />
        </figure>
      ))}
    </div>
  );
}
