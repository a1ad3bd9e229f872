/** Names with a few values each in; grouped bars that lie, one group per name, out. */
import { useState } from "react";
import { AsTable } from "./AsTable.tsx";
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
  const [table, setTable] = useState(false);
  if (table) {
    return (
      <>
        <div
          style={{ maxHeight: height, overflow: "auto" }}
          tabIndex={0}
          role="region"
          aria-label="The chart as a table"
        >
          <Table names={names} series={series} unit={unit} />
        </div>
        <div className="legend">
          <AsTable table={table} set={setTable} />
        </div>
      </>
    );
  }
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
        onTable={() => setTable(true)}
      />
      <div className="legend">
        {series.map((one) => (
          <span key={one.name}>
            <i style={{ background: `var(${variable(one.slot)})` }} />
            {one.name}
          </span>
        ))}
        <AsTable table={table} set={setTable} />
      </div>
    </>
  );
}

function Table({ names, series, unit }: Lying) {
  return (
    <table className="plain">
      <thead>
        <tr>
          <th scope="col">Name</th>
          {series.map((one) => (
            <th scope="col" className="r" key={one.name}>
              {one.name}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {names.map((name, at) => (
          <tr key={name}>
            <th scope="row">{name}</th>
            {series.map((one) => (
              <td className="r" key={one.name} title={String(one.values[at] ?? "unknown")}>
                {written(one.values[at] ?? null, unit)}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
