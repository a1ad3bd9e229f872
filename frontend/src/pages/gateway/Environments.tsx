/** Where applications run: each with the keys that belong to it. */
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { asCurl, send } from "../../api/client.ts";
import { Failure, Panel } from "../../ui/Panel.tsx";
import { type Key, keys } from "../settings/questions.ts";
import { useDoing } from "../../ui/doing.ts";
import { NameForm } from "./NameForm.tsx";
import { type Environment, environmentList, ENVIRONMENTS } from "./questions.ts";
import { Actions, Add, Table } from "../../ui/Table.tsx";

export function Environments() {
  const answer = useQuery(environmentList());
  const made = useQuery(keys()).data?.data;
  const [form, setForm] = useState<Environment | "new" | null>(null);
  const doing = useDoing();
  return (
    <>
      <Panel
        title="Environments"
        finding="a key belongs to one by its slug"
        query={answer}
        height={140}
        curl={asCurl(ENVIRONMENTS)}
        actions={<Add title="Add an environment" act={() => setForm("new")} />}
      >
        {(data) =>
          data.data.length ? (
            <>
              {doing.error && <Failure error={doing.error} />}
              <Table label="Environments" columns={["Environment", "Name", "Keys for the gateway", "Calls", ""]}>
                {data.data.map((one) => (
                  <tr key={one.id}>
                    <td className="named">
                      {one.slug}
                      {one.is_production && <span className="badge">production</span>}
                    </td>
                    <td className="named">{one.name || "—"}</td>
                    <td className="named">{made ? namesOf(made, one) : "…"}</td>
                    <td>
                      <Link to={"/requests" as never} search={{ environment: one.slug } as never}>
                        Requests
                      </Link>
                    </td>
                    <td>
                      <Actions
                        of={one.slug}
                        doing={doing}
                        edit={() => setForm(one)}
                        remove={() => send("DELETE", `${ENVIRONMENTS}/${one.slug}`)}
                      />
                    </td>
                  </tr>
                ))}
              </Table>
            </>
          ) : (
            <p className="empty">
              None yet. With production and staging, rollouts can give each its own variants, and each has its own{" "}
              <Link to={"/gateway/keys" as never}>keys</Link>.
            </p>
          )
        }
      </Panel>
      {form && (
        <NameForm
          kind="environment"
          path={ENVIRONMENTS}
          of={form === "new" ? undefined : form}
          close={() => setForm(null)}
        />
      )}
    </>
  );
}

function namesOf(made: readonly Key[], environment: Environment): string {
  const mine = made.filter(
    (one) =>
      !one.revoked_at &&
      (one.scopes.includes("gateway") || one.scopes.includes("admin")) &&
      (one.environment ? one.environment === environment.slug : environment.is_production),
  );
  return mine.map((one) => one.name).join(", ") || "none";
}
