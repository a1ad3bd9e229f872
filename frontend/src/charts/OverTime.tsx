/** Series over time in; a chart whose marks lead on, its legend, and the same as a table, out. */
import { Button } from "@mantine/core";
import { useState } from "react";
import { usePlace } from "../app/place.ts";
import { type Search, withRange, zoneOf } from "../url.ts";
import { Chart } from "./Chart.tsx";
import { axisTime, type Drawn, grouped, lined, stacked, type Unit, written } from "./options.ts";
import { OTHER, slots, variable } from "./palette.ts";
import type { Over } from "./series.ts";

const KINDS = { stacked, grouped, lined };

interface OverTimeProps {
  title: string;
  over: Over;
  unit: Unit;
  kind: keyof typeof KINDS;
  dimension: string;
  height?: number;
  partial?: boolean;
  /** Where a mark leads: the search of the requests behind it. */
  narrowed?: (search: Search, name: string) => Search;
}

export function OverTime({
  title,
  over,
  unit,
  kind,
  dimension,
  height = 240,
  partial = true,
  narrowed,
}: OverTimeProps) {
  const { search, change, go } = usePlace();
  const [table, setTable] = useState(false);
  const zone = zoneOf(search);
  const drawn: Drawn = { over, unit, zone, dimension, partial };
  const found = slots(
    dimension,
    over.lines.map((line) => line.name),
  );
  const end = (step: number) => over.times[step + 1] ?? "now";
  const narrow = (now: Search, name: string) => (name && name !== OTHER && narrowed ? narrowed(now, name) : now);
  const open = (step: number, name: string) => {
    const from = over.times[step];
    if (from) go("/requests", narrow(withRange(search, from, end(step)), name));
  };
  const zoom = (first: number, last: number) => {
    const from = over.times[first];
    if (from) change((now) => withRange(now, from, end(last)));
  };
  return (
    <>
      {table ? (
        <Table over={over} unit={unit} zone={zone} height={height} />
      ) : (
        <Chart
          option={() => KINDS[kind](drawn)}
          of={[over, unit, zone, kind]}
          height={height}
          label={sentence(title, drawn)}
          group="page"
          steps={over.times.length}
          onPick={open}
          onRange={zoom}
        />
      )}
      <div className="legend">
        {over.lines.map((line) => (
          <button
            type="button"
            key={line.name}
            onClick={() => narrowed && line.name !== OTHER && change((now) => narrowed(now, line.name))}
            title={narrowed ? `Only ${line.name}` : line.name}
          >
            <i style={{ background: `var(${variable(line.name === OTHER ? undefined : found.get(line.name))})` }} />
            {line.name}
          </button>
        ))}
        <Button
          variant="subtle"
          color="gray"
          size="compact-xs"
          mih={24}
          ml="auto"
          aria-pressed={table}
          onClick={() => setTable(!table)}
        >
          {table ? "Show as chart" : "Show as table"}
        </Button>
      </div>
    </>
  );
}

/** What a listener is told instead of the picture. */
function sentence(title: string, { over, unit, zone }: Drawn): string {
  const sums = over.times.map((_, step) => over.lines.reduce((sum, line) => sum + (line.values[step] ?? 0), 0));
  const peak = sums.indexOf(Math.max(...sums));
  const [from, to, at] = [over.times[0], over.times.at(-1), over.times[peak]];
  if (!from || !to || !at) return `${title}: nothing in this range.`;
  const shown = (time: string) => axisTime(time, zone, false);
  return `${title}, ${shown(from)} to ${shown(to)}. Highest at ${shown(at)}: ${written(sums[peak] ?? 0, unit)}. Arrow keys read it.`;
}

function Table({ over, unit, zone, height }: { over: Over; unit: Unit; zone: string; height: number }) {
  return (
    <div style={{ maxHeight: height, overflow: "auto" }} tabIndex={0} role="region" aria-label="The chart as a table">
      <table className="plain">
        <thead>
          <tr>
            <th scope="col">Time</th>
            {over.lines.map((line) => (
              <th scope="col" className="r" key={line.name}>
                {line.name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {over.times.map((time, step) => (
            <tr key={time}>
              <td>{axisTime(time, zone, false)}</td>
              {over.lines.map((line) => (
                <td className="r" key={line.name}>
                  {written(line.values[step] ?? null, unit)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
