/** A call with the lines of its cost in; how its cost came about, line by line, with source and rule, out. */
import type { CallDetail } from "../../api/questions.ts";
import { cellMoney, exactMoney } from "../../format.ts";
import { LedgerLines } from "../../ui/LedgerLines.tsx";
import { costHint, costText } from "./columns.tsx";

export function Ledger({ call }: { call: CallDetail }) {
  const sources = [...new Set(call.cost_lines.map((line) => [line.source, line.rule].filter(Boolean).join(": ")))];
  const side = (title: string, of: string | null) => ({ title, text: cellMoney(of), exact: exactMoney(of) });
  return (
    <>
      <LedgerLines
        lines={call.cost_lines}
        sums={[
          side("Input cost", call.input_cost_usd),
          side("Output cost", call.output_cost_usd),
          { title: "Total cost", text: costText(call), exact: costHint(call), strong: true },
        ]}
      />
      <p className="muted small">
        {call.cost_status === "unpriced" && "No price of this model is known, so nobody knows the cost. "}
        {call.cost_status === "unknown" && "The call told no usage, so nobody knows the cost. "}
        {sources.filter(Boolean).map((one) => (
          <span key={one}>{one}. </span>
        ))}
        {call.price_version && <>Prices: {call.price_version}. </>}
        {call.reported_cost_usd !== null && <>The emitter itself told {exactMoney(call.reported_cost_usd)}.</>}
      </p>
    </>
  );
}
