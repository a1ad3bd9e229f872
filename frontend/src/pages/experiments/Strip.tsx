/** A comparison in; per score and run how many items improved, stayed, regressed and are missing, out. */
import { Link } from "@tanstack/react-router";
import { usePlace } from "../../app/place.ts";
import { count, percent } from "../../format.ts";
import { PlainTable } from "../../ui/PlainTable.tsx";
import type { ComparedScore, Comparison } from "./questions.ts";
import { figure, signed, verdict } from "./words.ts";

type Difference = ComparedScore["differences"][number];

const HEADS = ["Improved", "Same", "Regressed", "Missing", "Difference", "Adjusted p"];

export function Strip({ of }: { of: Comparison }) {
  const nameOf = new Map(of.runs.map((run) => [run.id, run.name]));
  return (
    <PlainTable label="Beside the baseline" className="strip">
      <thead>
        <tr>
          <th scope="col">Score</th>
          <th scope="col">Run</th>
          {HEADS.map((name) => (
            <th scope="col" className="r" key={name}>
              {name}
            </th>
          ))}
          <th scope="col">Verdict</th>
        </tr>
      </thead>
      <tbody>
        {of.scores.flatMap((score) =>
          score.differences.map((one) => (
            <tr key={`${score.name} ${one.run_id}`}>
              <Direction of={score} />
              <td>{nameOf.get(one.run_id)}</td>
              <Counted of={one} score={score.name} />
            </tr>
          )),
        )}
        {of.scores.flatMap((score) =>
          score.agreements.map((one) => (
            <tr key={`${score.name} ${one.run_id}`}>
              <th scope="row">{score.name}</th>
              <td>{nameOf.get(one.run_id)}</td>
              <td className="r muted" />
              <td className="r">{count(one.same)}</td>
              <td className="r" colSpan={4} title={changesOf(one.changed)}>
                {count(one.pairs - one.same)} of {count(one.pairs)} labels differ
              </td>
              <td>κ {figure(one.kappa)}</td>
            </tr>
          )),
        )}
      </tbody>
    </PlainTable>
  );
}

function changesOf(changed: readonly (readonly unknown[])[]): string {
  return changed.map(([from, to, often]) => `${String(from)} → ${String(to)}: ${String(often)}`).join(", ");
}

/** A score of which less is better is said to be one by who looks: nothing in it tells. */
function Direction({ of }: { of: ComparedScore }) {
  const { change } = usePlace();
  const turn = () =>
    change(
      ({ lower, ...rest }) => {
        const before = typeof lower === "string" && lower ? lower.split(",") : [];
        const after = of.lower_is_better ? before.filter((name) => name !== of.name) : [...before, of.name];
        return after.length ? { ...rest, lower: after.join(",") } : rest;
      },
      { replace: true },
    );
  const says = of.lower_is_better ? "less is better" : "more is better";
  return (
    <th scope="row">
      {of.name}
      <button
        type="button"
        className="turn"
        title="Turn round"
        aria-label={`${of.name}: ${says}; turn round`}
        onClick={turn}
      >
        {says}
      </button>
    </th>
  );
}

function Counted({ of, score }: { of: Difference; score: string }) {
  const { search } = usePlace();
  const only = (name: string) => ({ ...search, only: name, score }) as never;
  const { absent, failed, unscored, total } = of.missing;
  const sure = of.low === null || of.high === null ? "" : `${signed(of.low)} to ${signed(of.high)}`;
  return (
    <>
      <td className="r">{of.wins ? <Link to="." search={only("improved")}>{`↑ ${count(of.wins)}`}</Link> : "0"}</td>
      <td className="r">{count(of.ties)}</td>
      <td className="r">
        {of.losses ? <Link to="." className="bad" search={only("regressed")}>{`↓ ${count(of.losses)}`}</Link> : "0"}
      </td>
      <td className="r" title={`${absent} not run, ${failed} failed, ${unscored} without this score`}>
        {total ? (
          <Link to="." search={only("missing")}>
            {count(total)}
          </Link>
        ) : (
          "0"
        )}
      </td>
      <td className="r">
        {signed(of.mean)}
        <small className="interval">{sure}</small>
      </td>
      <td className="r" title={of.test}>
        {of.p_adjusted === null ? "—" : of.p_adjusted < 0.001 ? "<0.001" : figure(of.p_adjusted)}
      </td>
      <td className={of.verdict === "worse" ? "bad" : ""} title={`of ${count(of.pairs)} pairs`}>
        {verdict(of.verdict)}
        {of.pairs + total > 0 && total > 0 && (
          <small className="interval">{percent(of.pairs / (of.pairs + total))} of the baseline’s cases</small>
        )}
      </td>
    </>
  );
}
