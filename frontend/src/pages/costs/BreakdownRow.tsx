/** One row of the breakdown in; its cells, each with its exact value, and the ways on from it, out. */
import { Link } from "@tanstack/react-router";
import { usePlace } from "../../app/place.ts";
import { leftOut, untold } from "../../coverage.ts";
import { approximate, cellMoney, count, delta, duration, exactMoney, percent } from "../../format.ts";
import { carried, type Search, withFilter } from "../../url.ts";
import { costEach, difference, type Row } from "./rows.ts";
import { signed } from "./Tiles.tsx";

interface BreakdownRowProps {
  row: Row;
  by: readonly string[];
  compared: boolean;
}

export function BreakdownRow({ row, by, compared }: BreakdownRowProps) {
  const { search, change } = usePlace();
  const { of } = row;
  const narrowed = (now: Search) =>
    (row.values ?? []).reduce((found, value, at) => withFilter(found, by[at] ?? "", value ?? ""), now);
  const isParent = row.names.length < by.length;
  const requests = narrowed(carried(search));
  const oneEach = costEach(of);
  return (
    <tr className={isParent ? "parent" : undefined}>
      {row.names.map((name, at) => (
        <th scope="row" key={by[at]} colSpan={isParent ? by.length : undefined}>
          {row.values && name ? (
            <button
              type="button"
              className="link"
              title={`Only ${name}`}
              onClick={() => change((now) => withFilter(now, by[at] ?? "", row.values?.[at] ?? ""))}
            >
              {name}
            </button>
          ) : (
            name
          )}
        </th>
      ))}
      <td className="r cost" title={`${exactMoney(of.cost_usd)}${leftOut(of)}`}>
        <span>{of.cost_usd === null ? "— no price" : cellMoney(of.cost_usd)}</span>
        <span className="muted share">{percent(row.share)}</span>
        <div className="bar" style={{ width: `${100 * (row.share ?? 0)}%` }} />
      </td>
      {compared && <Change row={row} narrowed={narrowed} />}
      <td className="r">
        {row.values ? (
          <Link to={"/requests" as never} search={requests as never}>
            {count(of.calls)}
          </Link>
        ) : (
          count(of.calls)
        )}
      </td>
      <td className="r" title={`with what was read from a cache${untold(of)}`}>
        {count(of.input_tokens)}
      </td>
      <td className="r" title={of.cached_input_tokens === null ? "nobody told any" : `part of the input${untold(of)}`}>
        {count(of.cached_input_tokens)}
      </td>
      <td className="r" title={`with reasoning${untold(of)}`}>
        {count(of.output_tokens)}
      </td>
      <td className="r" title={`${exactMoney(oneEach)}${leftOut(of)}`}>
        {cellMoney(oneEach)}
      </td>
      <td className="r" title={`p50 ${duration(of.latency_ms.p50)}, at most ${duration(of.latency_ms.max)}`}>
        {duration(of.latency_ms.p95)}
      </td>
      <td className="r" title={`${count(of.errors)} of ${count(of.calls)}`}>
        {percent(of.calls ? of.errors / of.calls : null)}
      </td>
    </tr>
  );
}

/** How much more, and a way to why. */
function Change({ row, narrowed }: { row: Row; narrowed: (now: Search) => Search }) {
  const { search, change } = usePlace();
  const found = difference(row, true);
  if (found === null) return <td className="r">—</td>;
  const pairs = Object.entries(narrowed({})).map(([name, value]) => `${name}=${String(value)}`);
  return (
    <td className="r">
      <button
        type="button"
        className="link"
        title={`${exactMoney(found)}: why?`}
        disabled={!row.values}
        onClick={() => {
          change(() => ({ ...search, why: pairs }));
          document.getElementById("page")?.scrollIntoView();
        }}
      >
        {signed(found)} {delta(approximate(row.of.cost_usd), approximate(row.before?.cost_usd))}
      </button>
    </td>
  );
}
