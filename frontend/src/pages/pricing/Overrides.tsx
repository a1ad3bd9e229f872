/** Prices of one's own: all that hold or held, and who changed which, when. */
import { Button, Group } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { asCurl, send } from "../../api/client.ts";
import { exactMoney } from "../../format.ts";
import { Changes } from "../../ui/Changes.tsx";
import { Failure, Panel } from "../../ui/Panel.tsx";
import { PlainTable } from "../../ui/PlainTable.tsx";
import { RowButton } from "../../ui/RowButton.tsx";
import type { Wanted } from "./OverrideForm.tsx";
import { type Override, overrides, PATH } from "./questions.ts";

export function Overrides({ add }: { add: (of: Wanted) => void }) {
  const answer = useQuery(overrides());
  return (
    <div className="stack">
      <Panel
        title="Your own prices"
        query={answer}
        height={160}
        curl={asCurl(`${PATH}/overrides`)}
        actions={
          <Button size="compact-sm" mih={26} onClick={() => add({ kind: "rates" })}>
            Add a price
          </Button>
        }
      >
        {(data) =>
          data.data.length ? (
            <Table rows={data.data} add={add} />
          ) : (
            <p className="empty">
              None yet: negotiated rates, a discount, capacity paid for by time, or a name of your own for a listed
              model.
            </p>
          )
        }
      </Panel>
      <Changes path={`${PATH}/overrides/history`} />
    </div>
  );
}

function Table({ rows, add }: { rows: readonly Override[]; add: (of: Wanted) => void }) {
  const queries = useQueryClient();
  const [error, setError] = useState<Error | null>(null);
  const [sure, setSure] = useState("");
  const remove = async (id: string) => {
    if (sure !== id) {
      setSure(id);
      return;
    }
    try {
      await send("DELETE", `${PATH}/overrides/${id}`);
      await queries.invalidateQueries();
    } catch (failed) {
      setError(failed as Error);
    }
  };
  return (
    <>
      {error && <Failure error={error} />}
      <PlainTable label="Your own prices">
        <thead>
          <tr>
            {["Kind", "Provider", "Model", "Price", "For", "From", "Until", "Source", ""].map((name) => (
              <th scope="col" key={name}>
                {name || <span className="sr-only">Change</span>}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((one) => (
            <tr key={one.id}>
              <td>{one.kind}</td>
              <td>{one.provider || "any"}</td>
              <td>{one.model || "all"}</td>
              <td>{priceOf(one)}</td>
              <td>{one.scope?.level === "organisation" ? "all projects" : one.scope?.key || "this project"}</td>
              <td className="num">{one.valid_from?.slice(0, 10) ?? "always"}</td>
              <td className="num">{one.valid_until?.slice(0, 10) ?? "—"}</td>
              <td className="source" title={one.note}>
                {one.source || "—"}
              </td>
              <td>
                <Group gap={4} wrap="nowrap" justify="end">
                  {isPlain(one) && <RowButton onClick={() => add(wanted(one))}>Change</RowButton>}
                  <RowButton color="gray" onClick={() => void remove(one.id)}>
                    {sure === one.id ? "Really take it back" : "Take back"}
                  </RowButton>
                </Group>
              </td>
            </tr>
          ))}
        </tbody>
      </PlainTable>
    </>
  );
}

function priceOf(of: Override): string {
  if (of.kind === "discount") return `${of.discount_percent} % off`;
  if (of.kind === "alias") return `as ${of.of_provider || of.provider}/${of.of_model}`;
  if (of.kind === "capacity") return "paid by time";
  return Object.entries(of.rates ?? {})
    .map(([bucket, told]) => `${bucket} ${exactMoney(told.usd)}`)
    .join(", ");
}

/** Whether the form can show all of it. */
function isPlain(of: Override): boolean {
  const rates = Object.values(of.rates ?? {});
  return (
    of.tier === "standard" &&
    of.region === "*" &&
    !of.names?.length &&
    !of.scope?.key &&
    rates.every((one) => !one.steps?.length && [0, 1_000_000].includes(one.per ?? 0))
  );
}

function wanted(of: Override): Wanted {
  return {
    id: of.id,
    kind: of.kind,
    provider: of.provider ?? "",
    model: of.model ?? "",
    of_provider: of.of_provider ?? "",
    of_model: of.of_model ?? "",
    discount_percent: of.discount_percent ?? "",
    rates: Object.fromEntries(Object.entries(of.rates ?? {}).map(([bucket, told]) => [bucket, told.usd])),
    valid_from: of.valid_from ?? "",
    valid_until: of.valid_until ?? "",
    source: of.source ?? "",
    note: of.note ?? "",
    level: of.scope?.level ?? "project",
  };
}
