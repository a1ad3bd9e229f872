/** A span and its call in; every line of its cost, and what all below it cost, out. */
import { Skeleton } from "@mantine/core";
import type { UseQueryResult } from "@tanstack/react-query";
import type { CallDetail } from "../../api/questions.ts";
import { cellMoney, count, exactMoney, rate } from "../../format.ts";
import { Failure } from "../../ui/Panel.tsx";
import { decimal } from "./exact.ts";
import type { Tree } from "./tree.ts";

interface CostProps {
  tree: Tree;
  place: number;
  query: UseQueryResult<CallDetail>;
}

export function Cost({ tree, place, query }: CostProps) {
  const all = decimal(tree.subtree[place] ?? null);
  const id = `${tree.told.trace_id}-${tree.ids[place]}`;
  const call = query.data?.id === id ? query.data : undefined;
  return (
    <>
      <p>
        With all below: <strong title={exactMoney(all)}>{cellMoney(all)}</strong>
        {tree.uncovered[place]! > 0 && (
          <span className="warn"> without {count(tree.uncovered[place])} calls of unknown cost</span>
        )}
      </p>
      {tree.call[place]! < 0 ? (
        <p className="muted">The span is no model call, so it costs nothing itself.</p>
      ) : query.error ? (
        <Failure error={query.error} retry={() => void query.refetch()} />
      ) : call ? (
        <Lines call={call} />
      ) : (
        <Skeleton height={140} />
      )}
    </>
  );
}

function Lines({ call }: { call: CallDetail }) {
  return (
    <>
      {call.restated && <p className="warn">These tokens are counted at another call, and in no sum here.</p>}
      <table className="plain">
        <caption className="sr-only">Lines of the call's cost</caption>
        <thead>
          <tr>
            <th scope="col">Of</th>
            <th scope="col" className="r">
              Quantity
            </th>
            <th scope="col" className="r">
              Rate
            </th>
            <th scope="col" className="r">
              Amount
            </th>
          </tr>
        </thead>
        <tbody>
          {call.cost_lines.map((line, at) => (
            <tr key={at} title={[line.rule, line.source, line.price_version].filter(Boolean).join("; ")}>
              <td>{line.bucket.replaceAll("_", " ")}</td>
              <td className="r">
                {count(line.quantity)} {line.unit === "token" || line.unit === "tokens" ? "" : line.unit}
              </td>
              <td className="r">{rate(line.rate_usd, line.per)}</td>
              <td className="r" title={exactMoney(line.amount_usd)}>
                {cellMoney(line.amount_usd)}
              </td>
            </tr>
          ))}
          <tr>
            <th scope="row" colSpan={3}>
              Own cost
            </th>
            <td className="r" title={exactMoney(call.cost_usd)}>
              <strong>{call.cost_usd === null ? `— ${call.cost_status}` : cellMoney(call.cost_usd)}</strong>
            </td>
          </tr>
        </tbody>
      </table>
      <p className="muted">
        {call.cost_status}
        {call.matched_model ? `, priced as ${call.matched_model}` : ""}
        {call.price_source ? `, from ${call.price_source}` : ""}
        {call.price_version ? ` (${call.price_version})` : ""}
      </p>
      {call.usage_flags.length > 0 && <p className="warn">{call.usage_flags.join("; ")}</p>}
    </>
  );
}
