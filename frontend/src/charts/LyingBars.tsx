/** Names with a few values each in; grouped bars that lie, one group per name, out. */
import { Chart } from "./Chart.tsx";
import { type Lying, lying } from "./shares.ts";
import { variable } from "./palette.ts";
import { written } from "./written.ts";

interface LyingBarsProps extends Lying {
  title: string;
  height: number;
  pick: (name: string) => void;
}

export function LyingBars({ title, names, series, unit, height, pick }: LyingBarsProps) {
  const read = (at: number) =>
    `${names[at]}: ${series.map((one) => `${one.name} ${written(one.values[at] ?? null, unit)}`).join(", ")}`;
  return (
    <>
      <Chart
        option={() => lying({ names, series, unit })}
        of={[names, series, unit]}
        height={height}
        label={`${title}. ${names.map((_, at) => read(at)).join(". ")}.`}
        steps={names.length}
        read={read}
        onPick={(at) => names[at] !== undefined && pick(names[at])}
      />
      <div className="legend">
        {series.map((one) => (
          <span key={one.name}>
            <i style={{ background: `var(${variable(one.slot)})` }} />
            {one.name}
          </span>
        ))}
      </div>
    </>
  );
}
