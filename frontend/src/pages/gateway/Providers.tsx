/** Accounts with providers, the environment's own and those kept here, each tested with a press; and the calls that came to none. */
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { asCurl, send } from "../../api/client.ts";
import { count, duration } from "../../format.ts";
import { Failure, Panel } from "../../ui/Panel.tsx";
import { RowButton } from "../../ui/RowButton.tsx";
import { AccountForm } from "./AccountForm.tsx";
import { useDoing } from "../../ui/doing.ts";
import { type Account, accountList, ACCOUNTS, type Checked } from "./questions.ts";
import { Refused } from "./Refused.tsx";
import { Actions, Add, Table } from "../../ui/Table.tsx";

const LEVELS = { project: "this project", organisation: "everybody", environment: "the server's environment" };

export function Providers() {
  const answer = useQuery(accountList());
  const [form, setForm] = useState<Account | "new" | null>(null);
  const doing = useDoing();
  return (
    <div className="stack">
      <Panel
        title="Accounts"
        finding="of several with one provider, the first that is on goes before the others"
        query={answer}
        height={200}
        curl={asCurl(ACCOUNTS)}
        actions={<Add title="Add an account" act={() => setForm("new")} />}
      >
        {(data) =>
          data.data.length ? (
            <>
              {doing.error && <Failure error={doing.error} />}
              <Table
                label="Accounts"
                columns={["Account", "Provider", "Of", "Base URL", "Secret", "State", "Test", ""]}
              >
                {data.data.map((one) => (
                  <tr key={one.id} className={one.enabled ? "" : "muted"}>
                    <td className="named">
                      <span className="mono">@{one.slug}</span> {one.name}
                      {one.level === "environment" && <span className="badge">default</span>}
                    </td>
                    <td>{one.provider}</td>
                    <td>{LEVELS[one.level]}</td>
                    <td className="mono named">{one.base_url ?? <span className="muted">the provider's own</span>}</td>
                    <td>{!one.has_secret ? "none" : one.secret_hint ? `…${one.secret_hint}` : "kept"}</td>
                    <td>{one.enabled ? "on" : "off"}</td>
                    <td>
                      <Test of={one} />
                    </td>
                    <td>
                      {one.level === "environment" ? null : (
                        <Actions
                          of={`@${one.slug}`}
                          doing={doing}
                          edit={() => setForm(one)}
                          remove={() => send("DELETE", `${ACCOUNTS}/${one.id}`)}
                        />
                      )}
                    </td>
                  </tr>
                ))}
              </Table>
            </>
          ) : (
            <p className="empty">
              None yet. Add one, or start the server with a variable such as OPENAI_API_KEY or ANTHROPIC_API_KEY.
            </p>
          )
        }
      </Panel>
      <Refused />
      {form && <AccountForm of={form === "new" ? undefined : form} close={() => setForm(null)} />}
    </div>
  );
}

/** Models are listed, which costs nothing. */
function Test({ of }: { of: Account }) {
  const [busy, setBusy] = useState(false);
  const [found, setFound] = useState<Checked | Error | null>(null);
  const test = async () => {
    setBusy(true);
    setFound(
      await send<Checked>("POST", `${ACCOUNTS}/${encodeURIComponent(of.id)}/test`).catch(
        (error: unknown) => error as Error,
      ),
    );
    setBusy(false);
  };
  return (
    <div className="tested">
      <RowButton variant="default" loading={busy} onClick={() => void test()} aria-label={`Test @${of.slug}`}>
        Test
      </RowButton>
      <span role="status">{found && <Told found={found} />}</span>
    </div>
  );
}

function Told({ found }: { found: Checked | Error }) {
  if (found instanceof Error) return <span className="bad">{found.message}</span>;
  const facts = [found.status && `status ${found.status}`, found.latency_ms !== null && duration(found.latency_ms)];
  return found.works ? (
    <span>
      ✓ works, {found.models === null ? "" : `${count(found.models)} models, `}
      {duration(found.latency_ms)}
    </span>
  ) : (
    <span className="bad">
      ✗ {found.message} <span className="muted">{facts.filter(Boolean).join(", ")}</span>
    </span>
  );
}
