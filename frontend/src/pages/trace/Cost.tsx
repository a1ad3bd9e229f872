/** A span and its call in; every line of its cost, and what all below it cost, out. */
import { Skeleton } from "@mantine/core";
import type { UseQueryResult } from "@tanstack/react-query";
import type { CallDetail } from "../../api/questions.ts";
import { cellMoney, count, exactMoney } from "../../format.ts";
import { LedgerLines } from "../../ui/LedgerLines.tsx";
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
      <LedgerLines
        lines={call.cost_lines}
        sums={[
          {
            title: "Own cost",
            text: call.cost_usd === null ? `— ${call.cost_status}` : cellMoney(call.cost_usd),
            exact: exactMoney(call.cost_usd),
            strong: true,
          },
        ]}
      />
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
