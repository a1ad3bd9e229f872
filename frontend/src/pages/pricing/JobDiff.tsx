/** A job in; what it changes, by model, by day and by both, exactly, out. */
import { SegmentedControl } from "@mantine/core";
import { useState } from "react";
import { minus } from "../../decimal.ts";
import { count, type Decimal, exactMoney, money } from "../../format.ts";
import { PlainTable } from "../../ui/PlainTable.tsx";
import type { Job } from "./questions.ts";

type Sums = Job["total"];
type Row = Sums & { provider?: string | null; model?: string | null; day?: string };

/** Unknown where either is: from unpriced to priced is no difference of money. */
export function change(of: Sums): Decimal | null {
  return of.old_cost_usd === null || of.new_cost_usd === null ? null : minus(of.new_cost_usd, of.old_cost_usd);
}

export function JobDiff({ of }: { of: Job }) {
  const [by, setBy] = useState("model");
  const rows: readonly Row[] = (by === "model" ? of.by_model : by === "day" ? of.by_day : of.by_day_and_model) ?? [];
  const changed = rows.filter((row) => row.changed_calls > 0);
  if (!of.touched) return <p className="muted">No call gets another cost.</p>;
  return (
    <div className="stack">
      <SegmentedControl
        aria-label="By"
        size="xs"
        style={{ justifySelf: "start" }}
        value={by}
        onChange={setBy}
        data={[
          { value: "model", label: "By model" },
          { value: "day", label: "By day" },
          { value: "both", label: "By day and model" },
        ]}
      />
      <PlainTable label="What changes" maxHeight={420}>
        <thead>
          <tr>
            {by !== "model" && <th scope="col">Day, UTC</th>}
            {by !== "day" && <th scope="col">Model</th>}
            {["Calls", "Changed", "Unpriced before", "Unpriced after", "Cost before", "Cost after", "Difference"].map(
              (name) => (
                <th scope="col" className="r" key={name}>
                  {name}
                </th>
              ),
            )}
          </tr>
        </thead>
        <tbody>
          {changed.map((row) => (
            <Line key={`${row.day} ${row.provider} ${row.model}`} of={row} by={by} />
          ))}
          <Line of={of.total} by={by} total />
        </tbody>
      </PlainTable>
      {of.truncated && <p className="muted">More days and models than are told one by one; the total is of all.</p>}
    </div>
  );
}

function Line({ of, by, total = false }: { of: Row; by: string; total?: boolean }) {
  const found = change(of);
  const name = total ? "Total" : `${of.provider ?? "—"} / ${of.model ?? "—"}`;
  return (
    <tr style={total ? { fontWeight: 600 } : undefined}>
      {by !== "model" && <td className="num">{total && by === "day" ? name : (of.day ?? "")}</td>}
      {by !== "day" && <td>{name}</td>}
      <td className="r">{count(of.calls)}</td>
      <td className="r">{count(of.changed_calls)}</td>
      <td className="r">{count(of.old_unpriced_calls)}</td>
      <td className="r">{count(of.new_unpriced_calls)}</td>
      <td className="r" title={exactMoney(of.old_cost_usd)}>
        {of.old_cost_usd === null ? "— no price" : money(of.old_cost_usd)}
      </td>
      <td className="r" title={exactMoney(of.new_cost_usd)}>
        {of.new_cost_usd === null ? "— no price" : money(of.new_cost_usd)}
      </td>
      <td className="r" title={exactMoney(found)}>
        {found === null ? "—" : `${found.startsWith("-") ? "" : "+"}${money(found)}`}
      </td>
    </tr>
  );
}
