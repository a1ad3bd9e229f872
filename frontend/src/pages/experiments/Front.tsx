/** A comparison in; each run's quality beside what a case of it costs, and its scores' spread, out. */
import { Select } from "@mantine/core";
import { useState } from "react";
import { AsTable } from "../../charts/AsTable.tsx";
import { Chart } from "../../charts/Chart.tsx";
import { variable } from "../../charts/palette.ts";
import { usePlace } from "../../app/place.ts";
import { cellMoney, count, exactMoney } from "../../format.ts";
import { first } from "../../url.ts";
import { slotsOf } from "./colours.ts";
import { type Point, scatter } from "./scatter.ts";
import type { ComparedScore, Comparison } from "./questions.ts";
import { figure, intervalOf, meanOf } from "./words.ts";

export function Front({ of }: { of: Comparison }) {
  const { search, change } = usePlace();
  const [table, setTable] = useState(false);
  const measured = of.scores.filter((score) => score.front.length);
  const score = measured.find((one) => one.name === first(search, "of")) ?? measured[0];
  if (!score) return <p className="empty">No score has a mean that could be put beside cost.</p>;
  const found = slotsOf(of);
  const points: Point[] = score.front.map((point) => ({
    name: of.runs.find((run) => run.id === point.run_id)?.name ?? point.run_id,
    slot: found.get(point.run_id),
    cost: point.cost_per_case_usd,
    quality: point.quality,
    isOnFront: point.on_front,
  }));
  return (
    <>
      <Select
        size="xs"
        w={220}
        aria-label="Score shown"
        allowDeselect={false}
        data={measured.map((one) => one.name)}
        value={score.name}
        onChange={(name) => change((now) => ({ ...now, of: name ?? "" }), { replace: true })}
      />
      <div className="halves grid">
        <div>
          {table ? <Points of={points} /> : <Drawn points={points} score={score} table={() => setTable(true)} />}
          <div className="legend">
            {points.map((point) => (
              <span key={point.name}>
                <i className="dot" style={{ background: `var(${variable(point.slot)})` }} /> {point.name}
              </span>
            ))}
            <span>— runs that no other beats in both</span>
            <AsTable table={table} set={setTable} />
          </div>
        </div>
        <Spread of={of} score={score} slots={found} />
      </div>
    </>
  );
}

function Drawn({ points, score, table }: { points: Point[]; score: ComparedScore; table: () => void }) {
  const said = points.map(spoken);
  return (
    <Chart
      option={() => scatter(points, score.name)}
      of={[points]}
      height={260}
      label={`${score.name} beside cost per case. ${said.join(". ")}.`}
      steps={points.length}
      read={(step) => said[step] ?? ""}
      onTable={table}
    />
  );
}

function spoken(point: Point): string {
  const front = point.isOnFront ? ", no other beats it in both" : "";
  return `${point.name}: ${figure(point.quality)} for ${cellMoney(point.cost)}${front}`;
}

function Points({ of }: { of: readonly Point[] }) {
  return (
    <table className="plain">
      <thead>
        <tr>
          <th scope="col">Run</th>
          <th scope="col" className="r">
            Quality
          </th>
          <th scope="col" className="r">
            Per case
          </th>
          <th scope="col">On the front</th>
        </tr>
      </thead>
      <tbody>
        {of.map((point) => (
          <tr key={point.name}>
            <th scope="row">{point.name}</th>
            <td className="r">{figure(point.quality)}</td>
            <td className="r" title={exactMoney(point.cost)}>
              {cellMoney(point.cost)}
            </td>
            <td>{point.isOnFront ? "yes" : "no"}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

interface SpreadProps {
  of: Comparison;
  score: ComparedScore;
  slots: ReadonlyMap<string, number>;
}

/** Every run's mean with its interval on one scale. */
function Spread({ of, score, slots }: SpreadProps) {
  const told = of.runs.map((run) => ({ run, at: score.runs[run.id] }));
  const ends = told
    .flatMap(({ at }) => [at?.low, at?.high, at?.mean])
    .filter((one): one is number => typeof one === "number");
  const [least, most] = [Math.min(...ends), Math.max(...ends)];
  const place = (value: number) => (most > least ? ((value - least) / (most - least)) * 100 : 50);
  return (
    <table className="plain spread">
      <caption>{score.name}: the mean, and where the true one lies in 95 of 100 cases</caption>
      <tbody>
        {told.map(({ run, at }) => (
          <tr key={run.id}>
            <th scope="row">{run.name}</th>
            <td className="span">
              {at && typeof at.mean === "number" && (
                <div className="whisker">
                  {typeof at.low === "number" && typeof at.high === "number" && (
                    <i style={{ left: `${place(at.low)}%`, width: `${place(at.high) - place(at.low)}%` }} />
                  )}
                  <b style={{ left: `${place(at.mean)}%`, background: `var(${variable(slots.get(run.id))})` }} />
                </div>
              )}
            </td>
            <td className="r">
              {at ? meanOf(at) : "—"}
              {at && <small className="interval">{intervalOf(at)}</small>}
            </td>
            <td className="r muted">{at ? `${count(at.count)} cases` : ""}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
