/** A comparison in; its runs by what they scored, cost, used and took, out. */
import { cellMoney, count, duration, exactMoney } from "../../format.ts";
import { variable } from "../../charts/palette.ts";
import { PlainTable } from "../../ui/PlainTable.tsx";
import { type ComparedRun, type Comparison } from "./questions.ts";
import { slotsOf } from "./colours.ts";
import { intervalOf, meanOf, metadataOf } from "./words.ts";

export function Runs({ of }: { of: Comparison }) {
  const found = slotsOf(of);
  return (
    <PlainTable label="Runs" className="runs">
      <thead>
        <tr>
          <th scope="col">Run</th>
          {[
            ...of.scores.map((score) => score.name),
            "Per case",
            "Cost",
            "Change",
            "Judging",
            "Tokens",
            "p50",
            "p95",
            "Errors",
          ].map((name) => (
            <th scope="col" className="r" key={name}>
              {name}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {of.runs.map((run) => (
          <tr key={run.id}>
            <th scope="row" title={metadataOf(run.metadata)}>
              <i className="dot" style={{ background: `var(${variable(found.get(run.id))})` }} />
              {run.name}
              {run.is_base && <small className="interval">baseline</small>}
            </th>
            {of.scores.map((score) => {
              const told = score.runs[run.id];
              return (
                <td className="r" key={score.name}>
                  {told ? meanOf(told) : "—"}
                  {told && <small className="interval">{intervalOf(told)}</small>}
                </td>
              );
            })}
            <Took of={run} />
          </tr>
        ))}
      </tbody>
    </PlainTable>
  );
}

function Took({ of }: { of: ComparedRun }) {
  const tokens = of.input_tokens === null && of.output_tokens === null;
  return (
    <>
      <td className="r" title={exactMoney(of.cost_per_case_usd)}>
        {cellMoney(of.cost_per_case_usd)}
      </td>
      <td className="r" title={exactMoney(of.cost_usd)}>
        {cellMoney(of.cost_usd)}
        {of.unknown_cost_cases > 0 && <small className="interval">{count(of.unknown_cost_cases)} without</small>}
      </td>
      <td className="r" title={`of the ${count(of.paired_cost_cases)} cases whose cost is known in both`}>
        {of.is_base ? "" : change(of.cost_change_usd)}
      </td>
      <td className="r">{cellMoney(of.evaluation_cost_usd)}</td>
      <td className="r">
        {tokens ? "—" : `${count(of.input_tokens)} in`}
        {!tokens && <small className="interval">{count(of.output_tokens)} out</small>}
      </td>
      <td className="r">{duration(of.latency_p50_ms)}</td>
      <td className="r">{duration(of.latency_p95_ms)}</td>
      <td className={of.errors ? "r bad" : "r"}>{count(of.errors)}</td>
    </>
  );
}

/** More is told as such, as less is. */
function change(value: string | null | undefined): string {
  const told = cellMoney(value);
  return value && /^[^-]*[1-9]/.test(value) ? `+${told}` : told;
}
