/** Series over time in; a chart whose marks lead on, its legend, and the same as a table, out. */
import { type ReactNode, useState } from "react";
import { Link } from "@tanstack/react-router";
import { usePlace } from "../app/place.ts";
import { zoomed } from "../app/zoom.ts";
import { carried, type Search, withRange, zoneOf } from "../url.ts";
import { stepsOf } from "../ui/concerned.ts";
import type { Incident } from "../ui/incidents.ts";
import { AsTable } from "./AsTable.tsx";
import type { Band } from "./baseline.ts";
import { Chart } from "./Chart.tsx";
import { beforeOf, type Drawn, grouped, isCut, lined, stacked, stepName, stepSum } from "./options.ts";
import { OTHER, slots, variable } from "./palette.ts";
import { aligned, type Over } from "./series.ts";
import { axisTime, type Unit, written } from "./written.ts";

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
  /** The same of the period it is compared with. */
  earlier?: Over;
  band?: Band | undefined;
  /** What the band is. */
  usual?: string;
  marks?: number[];
  most?: number;
  /** What began in this time. */
  incidents?: readonly Incident[] | undefined;
  limit?: number | undefined;
  spans?: readonly (readonly [number, number])[] | undefined;
  /** Further entries of the legend. */
  legend?: ReactNode;
  /** Charts of one group share the crosshair. */
  group?: string;
  bare?: boolean;
}

export function OverTime(props: OverTimeProps) {
  const { title, over, unit, kind, dimension, height = 240, partial = true, narrowed, group = "page", bare } = props;
  const isNothing = !over.times.length;
  const { earlier, band, most, incidents, limit, spans, usual = "usual for the 14 days before" } = props;
  const { search, change, go } = usePlace();
  const [table, setTable] = useState(false);
  const [highlighted, setHighlighted] = useState<string | null>(null);
  const zone = zoneOf(search);
  const before = earlier && aligned(earlier, over);
  const began = incidents?.length ? stepsOf(incidents, over.times) : undefined;
  const marks = began ? [...new Set([...(props.marks ?? []), ...began.keys()])] : props.marks;
  const isStack = kind === "stacked";
  const drawn: Drawn = {
    over,
    unit,
    zone,
    dimension,
    partial,
    earlier: before,
    isStack,
    band,
    marks,
    most,
    limit,
    spans,
  };
  const end = (step: number) => over.times[step + 1] ?? "now";
  const narrow = (now: Search, name: string) => (name && name !== OTHER && narrowed ? narrowed(now, name) : now);
  const open = (step: number, name: string) => {
    const from = over.times[step];
    if (from) go("/requests", narrow(withRange(carried(search), from, end(step)), name));
  };
  const zoom = (first: number, last: number) => {
    const from = over.times[first];
    if (!from) return;
    zoomed(search, from, end(last));
    change((now) => withRange(now, from, end(last)));
  };
  return (
    <>
      {isNothing ? (
        <p className="empty" style={{ height, margin: 0 }}>
          Nothing in this range.
        </p>
      ) : table ? (
        <Table drawn={drawn} height={height} />
      ) : (
        <Chart
          option={() => KINDS[kind](drawn)}
          // Made anew whenever anything of the page is; drawn again only when it says something else.
          of={[JSON.stringify([over, unit, zone, kind, before, band, marks, most, limit, spans])]}
          height={height}
          label={sentence(title, drawn)}
          group={group}
          steps={over.times.length}
          names={over.lines.map((line) => line.name)}
          read={(step, name) => spoken(drawn, step, name)}
          highlighted={highlighted}
          onPick={open}
          onRange={zoom}
          onTable={() => setTable(true)}
        />
      )}
      {!bare && !isNothing && (
        <div className="legend">
          <Legend
            over={over}
            dimension={dimension}
            reverse={isStack}
            highlight={setHighlighted}
            pick={narrowed && ((name) => change((now) => narrowed(now, name)))}
          />
          {isCut(drawn, over.times.length - 1) && <span>{kind === "lined" ? "○" : "▨"} so far</span>}
          {earlier && <span>- - - before</span>}
          {band?.middle.some((value) => value !== null) && <span>shaded: {usual}</span>}
          {limit !== undefined && <span className="limited">— limit {written(limit, unit)}</span>}
          {began && <Began of={[...began.values()].flat()} />}
          {props.legend}
          <AsTable table={table} set={setTable} />
        </div>
      )}
    </>
  );
}

const NAMED = 3;

function Began({ of }: { of: readonly Incident[] }) {
  return (
    <span>
      ◆{" "}
      {of.slice(0, NAMED).map((one) => (
        <Link key={one.id} to={`/alerts/incidents/${one.id}` as never} className="began" title={one.verdict.why}>
          {one.rule_name}
        </Link>
      ))}
      {of.length > NAMED && (
        <Link to={"/alerts" as never} className="began">
          and {of.length - NAMED} more
        </Link>
      )}
    </span>
  );
}

interface LegendProps {
  over: Over;
  dimension: string;
  /** In the order of the stack, from the top. */
  reverse: boolean;
  highlight: (name: string | null) => void;
  pick: ((name: string) => void) | undefined;
}

function Legend({ over, dimension, reverse, highlight, pick }: LegendProps) {
  const names = over.lines.map((line) => line.name);
  const found = slots(dimension, names);
  return (reverse ? [...names].reverse() : names).map((name) => (
    <button
      type="button"
      key={name}
      onClick={() => name !== OTHER && pick?.(name)}
      onMouseEnter={() => highlight(name)}
      onMouseLeave={() => highlight(null)}
      onFocus={() => highlight(name)}
      onBlur={() => highlight(null)}
      title={pick && name !== OTHER ? `Only ${name}` : name}
    >
      <i style={{ background: `var(${variable(name === OTHER ? undefined : found.get(name))})` }} />
      <span>{name}</span>
    </button>
  ));
}

/** What a listener is told instead of the picture. */
function sentence(title: string, drawn: Drawn): string {
  const { over, unit, zone } = drawn;
  const sums = over.times.map((_, step) => stepSum(over, step));
  const peak = sums.indexOf(Math.max(...sums));
  const [from, to, at] = [over.times[0], over.times.at(-1), over.times[peak]];
  if (!from || !to || !at) return `${title}: nothing in this range.`;
  const shown = (time: string) => axisTime(time, zone, false);
  return `${title}, ${shown(from)} to ${shown(to)}. Highest at ${shown(at)}: ${written(sums[peak] ?? 0, unit)}. Arrow keys read it.`;
}

/** One step aloud: all series with their sum, or the one that is looked at. */
export function spoken(drawn: Drawn, step: number, name: string): string {
  const { over, unit } = drawn;
  const when = stepName(drawn, step);
  const one = over.lines.find((line) => line.name === name);
  if (one) return `${when}: ${one.name} ${written(one.values[step] ?? null, unit)}`;
  const told = over.lines
    .filter((line) => line.values[step] !== 0)
    .map((line) => `${line.name} ${written(line.values[step] ?? null, unit)}`);
  if (!told.length) return `${when}: nothing`;
  const total =
    told.length > 1 && (unit === "money" || unit === "count") ? `${written(stepSum(over, step), unit)}. ` : "";
  return `${when}: ${total}${told.join(", ")}`;
}

function Table({ drawn, height }: { drawn: Drawn; height: number }) {
  const { over, unit, zone } = drawn;
  const before = beforeOf(drawn).map((line) => ({ ...line, name: line.name ? `${line.name}, before` : "Before" }));
  const columns = [...over.lines, ...before];
  return (
    <div style={{ maxHeight: height, overflow: "auto" }} tabIndex={0} role="region" aria-label="The chart as a table">
      <table className="plain">
        <thead>
          <tr>
            <th scope="col">Time</th>
            {columns.map((line) => (
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
              {columns.map((line) => (
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
