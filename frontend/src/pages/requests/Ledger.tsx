/** A call with the lines of its cost in; how its cost came about, line by line, with source and rule, out. */
import type { CallDetail } from "../../api/questions.ts";
import { cellMoney, count, exactMoney, rate } from "../../format.ts";
import { costHint, costText } from "./columns.tsx";

export function Ledger({ call }: { call: CallDetail }) {
  const sources = [...new Set(call.cost_lines.map((line) => [line.source, line.rule].filter(Boolean).join(": ")))];
  return (
    <>
      <table className="plain">
        <thead>
          <tr>
            <th scope="col">Cost of</th>
            <th scope="col" className="r">
              Quantity
            </th>
            <th scope="col" className="r">
              Price
            </th>
            <th scope="col" className="r">
              Amount
            </th>
          </tr>
        </thead>
        <tbody>
          {call.cost_lines.map((line, at) => (
            <tr key={at} title={[line.tier, line.grade, line.rule].filter(Boolean).join(" · ")}>
              <td>
                {line.bucket.replaceAll("_", " ")}
                {line.tier && line.tier !== "standard" && <span className="muted"> {line.tier}</span>}
              </td>
              <td className="r">
                {count(line.quantity)} {line.unit === "token" ? "" : line.unit}
              </td>
              <td className="r">{line.rate_usd === null ? "no price" : rate(line.rate_usd, line.per)}</td>
              <td className="r" title={exactMoney(line.amount_usd)}>
                {cellMoney(line.amount_usd)}
              </td>
            </tr>
          ))}
          <Sum title="Input cost" of={call.input_cost_usd} />
          <Sum title="Output cost" of={call.output_cost_usd} />
          <tr>
            <th scope="row" colSpan={3}>
              Total cost
            </th>
            <td className="r" title={costHint(call)}>
              <strong>{costText(call)}</strong>
            </td>
          </tr>
        </tbody>
      </table>
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

function Sum({ title, of }: { title: string; of: string | null }) {
  return (
    <tr>
      <th scope="row" colSpan={3}>
        {title}
      </th>
      <td className="r" title={exactMoney(of)}>
        {cellMoney(of)}
      </td>
    </tr>
  );
}
