/** One budget: how it stands, its burn-down, what it went on, who changed it, and another limit tried out. */
import { Button, Group, Modal, TextInput } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { useState } from "react";
import { asCurl, send } from "../../api/client.ts";
import { usePlace } from "../../app/place.ts";
import { Page } from "../../app/Shell.tsx";
import { minus } from "../../decimal.ts";
import { approximate, exactMoney, moment, money, percent } from "../../format.ts";
import { Failure, Panel } from "../../ui/Panel.tsx";
import { PlainTable } from "../../ui/PlainTable.tsx";
import { Tile } from "../../ui/Tile.tsx";
import { BudgetForm } from "./BudgetForm.tsx";
import { BudgetIncidents } from "./BudgetIncidents.tsx";
import { BurnDown } from "./BurnDown.tsx";
import { Contributions } from "./Contributions.tsx";
import { Corrections } from "./Corrections.tsx";
import { ObserveOnly } from "./ObserveOnly.tsx";
import { Outlook } from "./Outlook.tsx";
import { type Budget as One, budget, changes, counted, PATH } from "./questions.ts";
import { Bar, scopeOf, StatusWord, used } from "./Spent.tsx";

export function Budget() {
  const { id } = useParams({ strict: false }) as { id: string };
  const answer = useQuery(budget(id));
  const of = answer.data;
  return (
    <Page title={of?.name ?? "Budget"}>
      <p style={{ margin: 0 }}>
        <Link to={"/budgets" as never}>← All budgets</Link>
      </p>
      {of ? <Detail of={of} /> : answer.error && <Failure error={answer.error} />}
    </Page>
  );
}

function Detail({ of }: { of: One }) {
  const [editing, setEditing] = useState(false);
  const [removing, setRemoving] = useState(false);
  const [other, setOther] = useState("");
  const tried = /^\d+(\.\d+)?$/.test(other) && Number(other) > 0 ? other : of.limit_usd;
  const history = useQuery(changes(of.id));
  const zone = of.timezone;
  const over =
    approximate(of.counted_usd) > approximate(of.limit_usd) ? minus(of.counted_usd ?? "0", of.limit_usd) : null;
  const left = over ?? of.remaining_usd;
  const ends = of.period_end ? moment(of.period_end, zone, false) : "never ends";
  return (
    <>
      <ObserveOnly zone={zone} />
      <div className="grid tiles">
        <Tile
          title="Spent"
          value={of.spent_usd === null ? "— no price" : money(of.spent_usd)}
          exact={`${exactMoney(of.spent_usd)}; ${of.unpriced_calls} calls without a price and ${of.unknown_usage_calls} of unknown usage are not in it`}
          sub={`${of.corrections.length ? `counted ${money(of.counted_usd)}, ` : ""}${percent(used(of))} of ${money(of.limit_usd)}`}
        />
        <Tile
          title={over === null ? "Left" : "Over"}
          value={money(left)}
          exact={exactMoney(left)}
          sub={`${moment(of.period_start, zone, false)} – ${ends}`}
        />
        <Tile
          title="Forecast"
          value={money(of.forecast_usd)}
          exact={of.forecast_usd === null ? "No pace to tell yet, or no end" : exactMoney(of.forecast_usd)}
          sub="at the pace so far"
        />
        <Tile
          title="Status"
          value={<StatusWord status={of.status} />}
          exact={`Thresholds reached: ${of.thresholds_reached.map((ratio) => percent(ratio)).join(", ") || "none"}`}
          sub={<Bar of={of} />}
        />
      </div>
      <Group gap={8}>
        <span className="muted">
          Counts {scopeOf(of.filters)}, per {of.period === "rolling" ? of.window : of.period}, in {of.timezone}.
        </span>
        <Link to={"/requests" as never} search={counted(of) as never}>
          Its requests
        </Link>
        <Button size="compact-sm" mih={26} variant="default" onClick={() => setEditing(true)}>
          Change
        </Button>
        <Button size="compact-sm" mih={26} variant="default" onClick={() => setRemoving(true)}>
          Delete
        </Button>
        <TextInput
          aria-label="What if the limit were"
          size="xs"
          placeholder="What if: another limit"
          inputMode="decimal"
          value={other}
          onChange={(event) => setOther(event.currentTarget.value)}
        />
      </Group>
      <Outlook of={of} />
      <BurnDown of={of} limit={tried} />
      <Contributions of={of} />
      <div className="grid halves">
        <Corrections of={of} />
        <BudgetIncidents of={of} />
      </div>
      <Panel title="Changes" query={history} height={100} curl={asCurl(`${PATH}/history`, { budget_id: of.id })}>
        {(data) => (
          <PlainTable label="Changes">
            <tbody>
              {data.data.map((one) => (
                <tr key={one.at}>
                  <td className="num">
                    <time dateTime={one.at}>{moment(one.at, zone)}</time>
                  </td>
                  <td>{one.actor}</td>
                  <td>{one.action}</td>
                  <td>{differences(one.before, one.after)}</td>
                </tr>
              ))}
            </tbody>
          </PlainTable>
        )}
      </Panel>
      {editing && <BudgetForm of={of} close={() => setEditing(false)} />}
      {removing && <Remove of={of} close={() => setRemoving(false)} />}
    </>
  );
}

type Document = Record<string, unknown> | null;

function differences(before: Document, after: Document): string {
  if (!before || !after) return "";
  return Object.keys(after)
    .filter((name) => name !== "updated_at" && JSON.stringify(before[name]) !== JSON.stringify(after[name]))
    .map((name) => `${name}: ${JSON.stringify(before[name])} → ${JSON.stringify(after[name])}`)
    .join("; ");
}

function Remove({ of, close }: { of: One; close: () => void }) {
  const { go } = usePlace();
  const queries = useQueryClient();
  const [error, setError] = useState<Error | null>(null);
  const remove = async () => {
    try {
      await send("DELETE", `${PATH}/${of.id}`);
      go("/budgets");
      await queries.invalidateQueries({ refetchType: "active" });
    } catch (failed) {
      setError(failed as Error);
    }
  };
  return (
    <Modal closeButtonProps={{ "aria-label": "Close" }} opened onClose={close} title={`Delete ${of.name}?`}>
      <p>The limit is gone then; no call and no cost is touched. Who deleted it stays on record.</p>
      {error && <Failure error={error} />}
      <Group justify="end">
        <Button variant="default" onClick={close}>
          Cancel
        </Button>
        <Button color="red.9" onClick={() => void remove()}>
          Delete
        </Button>
      </Group>
    </Modal>
  );
}
