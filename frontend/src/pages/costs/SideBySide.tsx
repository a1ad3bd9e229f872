/** Two to four values of a dimension, or two periods, in; small charts on one scale, and their differences, out. */
import { MultiSelect } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { asCurl } from "../../api/client.ts";
import type { Measures, Spend } from "../../api/questions.ts";
import { usePlace } from "../../app/place.ts";
import { Multiples, type One } from "../../charts/Multiples.tsx";
import { byMeasure, cost, isRest, named, cut } from "../../charts/series.ts";
import { comparedName } from "../../compare.ts";
import { minus } from "../../decimal.ts";
import { approximate, count, delta, exactMoney, money, shortCount } from "../../format.ts";
import { Panel } from "../../ui/Panel.tsx";
import { PlainTable } from "../../ui/PlainTable.tsx";
import { all, asked, type Search, withFilter } from "../../url.ts";
import { byOf, granularityOf, overTime, overTimeBefore } from "./questions.ts";
import { costEach } from "./rows.ts";
import { signed } from "./Tiles.tsx";

const MOST = 4;

export interface Side {
  title: string;
  of: Measures;
  one: One;
}

/** The series of one value alone. */
export function only(answer: Spend, dimension: string, name: string): One["over"] {
  return {
    times: answer.series.map((step) => step.time),
    cut: cut(answer),
    lines: [
      {
        name,
        values: answer.series.map((step) => {
          const group = step.groups.find((one) => !isRest(one) && named(one, dimension) === name);
          return group ? cost(group) : 0;
        }),
      },
    ],
  };
}

export function SideBySide() {
  const { search, change } = usePlace();
  const dimension = byOf(search)[0] ?? "model";
  const wanted = all(search, "vs").slice(0, MOST);
  const answer = useQuery(overTime(search, dimension));
  const now = useQuery(overTime(search));
  const before = useQuery(overTimeBefore(search, now.data?.granularity ?? "auto"));
  const names = [
    ...new Set((answer.data?.groups ?? []).filter((group) => !isRest(group)).map((group) => named(group, dimension))),
  ];
  return (
    <Panel
      title="Side by side"
      finding={
        wanted.length ? `by ${dimension}` : before.isEnabled ? `with: ${comparedName(search).toLowerCase()}` : ""
      }
      query={answer}
      height={240}
      curl={asCurl("/api/v1/spend", { ...asked(search), by: dimension, granularity: granularityOf(search) })}
      actions={
        <MultiSelect
          aria-label={`Values of ${dimension} to compare`}
          placeholder={wanted.length ? "" : `2 to 4 values of ${dimension.replace("tag.", "tag ")}`}
          size="xs"
          w={360}
          searchable
          clearable
          maxValues={MOST}
          data={names.slice(0, 200)}
          value={wanted.filter((name) => names.includes(name))}
          onChange={(vs) => change(({ vs: _, ...rest }) => (vs.length ? { ...rest, vs } : rest), { replace: true })}
        />
      }
    >
      {(data) => {
        const sides: Side[] = wanted.length
          ? wanted.flatMap((name) => valueSide(data, dimension, name))
          : periodSides(now.data, before.isEnabled ? before.data : undefined, comparedName(search));
        if (sides.length < 2)
          return (
            <p className="empty">
              Choose two to four values above, or a comparison beside the range, to see them on one scale.
            </p>
          );
        return (
          <>
            <Multiples
              all={sides.map((side) => side.one)}
              unit="money"
              dimension={wanted.length ? dimension : "period"}
            />
            <Differences sides={sides} />
          </>
        );
      }}
    </Panel>
  );
}

function valueSide(data: Spend, dimension: string, name: string): Side[] {
  const group = data.groups.find((one) => !isRest(one) && named(one, dimension) === name);
  if (!group) return [];
  const value = (group as unknown as Record<string, unknown>)[dimension];
  const narrowed = (now: Search) => withFilter(now, dimension, value ? String(value) : "");
  return [
    {
      title: name,
      of: group,
      one: { title: name, sub: money(group.cost_usd), over: only(data, dimension, name), narrowed },
    },
  ];
}

function periodSides(now: Spend | undefined, before: Spend | undefined, title: string): Side[] {
  if (!now || !before) return [];
  const side = (name: string, data: Spend): Side => ({
    title: name,
    of: data.total,
    one: { title: name, sub: money(data.total.cost_usd), over: byMeasure(data, { [name]: cost }) },
  });
  return [side(title, before), side("This period", now)];
}

/** Every side against the first. */
function Differences({ sides }: { sides: readonly Side[] }) {
  const base = sides[0]?.of;
  if (!base) return null;
  return (
    <PlainTable label="Differences">
      <thead>
        <tr>
          {["", "Cost", "Difference", "%", "Requests", "Tokens in", "Tokens out", "Cost / request"].map((title, at) => (
            <th scope="col" key={title} className={at ? "r" : ""}>
              {title || <span className="sr-only">What</span>}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {sides.map(({ title, of }, at) => {
          const both = of.cost_usd !== null && base.cost_usd !== null;
          const apart = both && at ? minus(of.cost_usd ?? "0", base.cost_usd ?? "0") : null;
          return (
            <tr key={title}>
              <th scope="row">{title}</th>
              <td className="r" title={exactMoney(of.cost_usd)}>
                {of.cost_usd === null ? "— no price" : money(of.cost_usd)}
              </td>
              <td className="r" title={apart === null ? undefined : exactMoney(apart)}>
                {at === 0 ? "base" : apart === null ? "—" : signed(apart)}
              </td>
              <td className="r">{apart === null ? "" : delta(approximate(of.cost_usd), approximate(base.cost_usd))}</td>
              <td className="r">{count(of.calls)}</td>
              <td className="r">{shortCount(of.input_tokens)}</td>
              <td className="r">{shortCount(of.output_tokens)}</td>
              <td className="r">{money(costEach(of))}</td>
            </tr>
          );
        })}
      </tbody>
    </PlainTable>
  );
}
