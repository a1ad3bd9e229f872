/** The lines of a cost in; quantity, rate and amount of each, exact for who hovers, and the sums under them, out. */
import type { Schemas } from "../api/client.ts";
import { cellMoney, count, exactMoney, rate } from "../format.ts";

type Line = Schemas["Line"];

interface Sum {
  title: string;
  text: string;
  exact: string;
  strong?: boolean;
}

interface LedgerLinesProps {
  lines: readonly Line[];
  sums: readonly Sum[];
  /** Tier, grade, rule and source in columns of their own, not only for who hovers. */
  wide?: boolean;
}

const WIDE = ["Tier", "Grade", "Rule", "Source"] as const;

function formula(line: Line): string {
  const how =
    line.rate_usd === null
      ? `${count(line.quantity)} ${line.unit}, no price known`
      : `${exactMoney(line.amount_usd)} = ${count(line.quantity)} × ${rate(line.rate_usd, line.per)}`;
  return [how, line.tier, line.grade, line.rule, line.source, line.price_version].filter(Boolean).join("\n");
}

export function LedgerLines({ lines, sums, wide = false }: LedgerLinesProps) {
  return (
    <table className="plain">
      <caption className="sr-only">Lines of the cost</caption>
      <thead>
        <tr>
          <th scope="col">Cost of</th>
          {["Quantity", "Rate", "Amount"].map((name) => (
            <th scope="col" className="r" key={name}>
              {name}
            </th>
          ))}
          {wide &&
            WIDE.map((name) => (
              <th scope="col" key={name}>
                {name}
              </th>
            ))}
        </tr>
      </thead>
      <tbody>
        {lines.map((line, at) => (
          <OneLine key={`${line.bucket} ${at}`} line={line} wide={wide} />
        ))}
        {sums.map((sum) => (
          <tr key={sum.title}>
            <th scope="row" colSpan={3}>
              {sum.title}
            </th>
            <td className="r" title={sum.exact}>
              {sum.strong ? <strong>{sum.text}</strong> : sum.text}
            </td>
            {wide && <td colSpan={WIDE.length} />}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function OneLine({ line, wide }: { line: Line; wide: boolean }) {
  return (
    <tr title={formula(line)}>
      <td>
        {line.bucket.replaceAll("_", " ")}
        {!wide && line.tier && line.tier !== "standard" && <span className="muted"> {line.tier}</span>}
      </td>
      <td className="r">
        {count(line.quantity)} {line.unit === "token" ? "" : line.unit}
      </td>
      <td className="r">{line.rate_usd === null ? "no price" : rate(line.rate_usd, line.per)}</td>
      <td className="r">{line.amount_usd === null ? "— no price" : cellMoney(line.amount_usd)}</td>
      {wide && (
        <>
          <td>{line.tier ?? "—"}</td>
          <td>{line.grade}</td>
          <td>{line.rule ?? "—"}</td>
          <td className="source" title={line.source ?? ""}>
            {line.source ?? "—"}
          </td>
        </>
      )}
    </tr>
  );
}
