/** Keys that may make model calls, environment by environment, and what each may ask of the gateway. */
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { asCurl, send } from "../../api/client.ts";
import { count } from "../../format.ts";
import { Failure, Panel } from "../../ui/Panel.tsx";
import { type Key, keys } from "../settings/questions.ts";
import { useDoing } from "../../ui/doing.ts";
import { LimitForm } from "./LimitForm.tsx";
import { type Limit, limitList, LIMITS } from "./questions.ts";
import { Actions, Table } from "../../ui/Table.tsx";
import { whenSpent } from "./words.ts";

export const OTHERS = "default";

export interface Limited {
  /** Of the key, or of all others. */
  id: string;
  name: string;
  environment: string;
  limit: Limit | undefined;
}

const COLUMNS = [
  "Key",
  "Environment",
  "Models",
  ">Requests /min",
  ">Tokens /min",
  ">At once",
  "When a budget is spent",
  "",
];

export function Keys() {
  const limits = useQuery(limitList());
  const made = useQuery(keys());
  const [form, setForm] = useState<Limited | null>(null);
  const doing = useDoing();
  return (
    <>
      <Panel
        title="Keys and their limits"
        finding="a key without a limit of its own has that of all others"
        query={limits}
        height={200}
        curl={asCurl(LIMITS)}
        actions={
          <Link className="go" to={"/settings/keys" as never}>
            Make a key
          </Link>
        }
      >
        {(data) => (
          <>
            {doing.error && <Failure error={doing.error} />}
            <Table label="Keys and their limits" columns={COLUMNS}>
              {rowsOf(made.data?.data ?? [], data.data).map((one) => (
                <tr key={one.id}>
                  <td className="named">{one.name}</td>
                  <td>{one.environment}</td>
                  <Cells of={one.limit} fallback={one.id === OTHERS ? "no limit" : "as all others"} />
                  <td>
                    <Actions
                      of={one.name}
                      doing={doing}
                      edit={() => setForm(one)}
                      {...(one.limit ? { remove: () => send("DELETE", `${LIMITS}/${one.id}`) } : {})}
                    />
                  </td>
                </tr>
              ))}
            </Table>
          </>
        )}
      </Panel>
      {form && <LimitForm of={form} close={() => setForm(null)} />}
    </>
  );
}

function Cells({ of, fallback }: { of: Limit | undefined; fallback: string }) {
  if (!of) {
    return (
      <td colSpan={5} className="muted">
        {fallback}
      </td>
    );
  }
  const most = (value: number | null) => <td className="r">{value === null ? "no limit" : count(value)}</td>;
  return (
    <>
      <td className="mono">{!of.models ? "all" : of.models.join(", ") || "none"}</td>
      {most(of.requests_per_minute ?? null)}
      {most(of.tokens_per_minute ?? null)}
      {most(of.concurrent ?? null)}
      <td>{whenSpent(of)}</td>
    </>
  );
}

function rowsOf(made: readonly Key[], limits: readonly Limit[]): Limited[] {
  const own = new Map(limits.map((one) => [one.key_id ?? OTHERS, one]));
  const able = made.filter(
    (one) => !one.revoked_at && one.scopes.some((scope) => scope === "gateway" || scope === "admin"),
  );
  const rows = able.map((one) => ({
    id: one.id,
    name: one.name,
    environment: one.environment ?? "production, or none",
    limit: own.get(one.id),
  }));
  rows.sort((one, other) => one.environment.localeCompare(other.environment) || one.name.localeCompare(other.name));
  return [{ id: OTHERS, name: "All others", environment: "all", limit: own.get(OTHERS) }, ...rows];
}
