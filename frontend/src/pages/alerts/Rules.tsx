/** All rules with what is open of them, on or off at a press; above them the rules that many want. */
import { Switch } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { asCurl, send } from "../../api/client.ts";
import { usePlace } from "../../app/place.ts";
import { count, percent } from "../../format.ts";
import { Failure, Panel } from "../../ui/Panel.tsx";
import { scopeOf } from "../budgets/Spent.tsx";
import { useDoing } from "../../ui/doing.ts";
import { Actions, Add, Table } from "../../ui/Table.tsx";
import { Presets } from "./Presets.tsx";
import { type Rule, type RuleFields, ruleList, RULES } from "./questions.ts";
import { amount, KINDS, MEASURES, SEVERITIES } from "./words.ts";

const UNITS: Partial<Record<RuleFields["measure"], "usd" | "ratio" | "ms">> = {
  cost: "usd",
  cost_per_call: "usd",
  error_rate: "ratio",
  latency_p50: "ms",
  latency_p95: "ms",
  ttft_p50: "ms",
  ttft_p95: "ms",
};

/** In a line: what of which is too much. */
export function meaning(of: RuleFields): string {
  const limit = of.limit ?? "";
  switch (of.kind) {
    case "threshold":
    case "latency": {
      const measure = MEASURES[of.measure];
      const than = of.compare
        ? `${of.compare.ratio} × ${of.compare.past ? `the ${of.compare.past} before` : `that of ${of.compare.ago} ago`}`
        : UNITS[of.measure]
          ? amount(limit, UNITS[of.measure] ?? "calls")
          : count(Number(limit));
      return `${measure} ${of.direction} ${than} in ${of.window}`;
    }
    case "anomaly":
      return `spend ${of.sensitivity} × what the last ${of.window} let expect`;
    case "rate_limit":
      return `${limit} refused calls in ${of.window}`;
    case "error_rate":
      return `${percent(Number(limit))} of calls fail in ${of.window}`;
    case "runaway":
      return `one call of ${of.measure === "cost" ? amount(limit, "usd") : `${count(Number(limit))} output tokens`}`;
    case "unknown_usage":
      return `${percent(Number(limit))} of calls of unknown usage in ${of.window}`;
    case "unpriced":
      return `calls without a price in ${of.window}`;
    case "stale_prices":
      return `price data older than ${of.window}`;
    case "silent":
      return `no call for ${of.window}`;
    case "drift":
      return `bill and ledger ${percent(Number(limit))} apart`;
  }
}

export function Rules() {
  const { go } = usePlace();
  const answer = useQuery(ruleList());
  return (
    <div className="grid">
      <Panel
        title="Rules"
        query={answer}
        height={200}
        curl={asCurl(RULES)}
        actions={<Add title="New rule" act={() => go("/alerts/rules/new")} />}
      >
        {(data) =>
          data.data.length ? <List all={data.data} /> : <p className="empty">No rule yet. Begin with one of these.</p>
        }
      </Panel>
      {answer.data && <Presets held={answer.data.data.map((one) => one.name)} />}
    </div>
  );
}

const COLUMNS = ["On", "Rule", "Looks for", "Of", "Each", "Severity", "Tells", "Open", ""];

function List({ all }: { all: readonly Rule[] }) {
  const doing = useDoing();
  const { go } = usePlace();
  return (
    <>
      {doing.error && <Failure error={doing.error} />}
      <Table label="Rules" columns={COLUMNS}>
        {all.map((one) => (
          <tr key={one.id} className={one.enabled ? "" : "muted"}>
            <td>
              <Switch
                aria-label={`${one.name} is on`}
                checked={one.enabled}
                disabled={doing.busy}
                onChange={(event) => {
                  const enabled = event.currentTarget.checked;
                  doing.run(() => send("PATCH", `${RULES}/${one.id}`, {}, { enabled }));
                }}
              />
            </td>
            <td>
              <Link to={`/alerts/rules/${one.id}` as never} className="go">
                {one.name}
              </Link>
              <div className="muted">{KINDS[one.kind]}</div>
            </td>
            <td>{meaning(one)}</td>
            <td>{scopeOf(one.filters)}</td>
            <td>{one.by.map((name) => name.replace(/^tag\./, "")).join(", ") || "—"}</td>
            <td>{SEVERITIES[one.severity]}</td>
            <td>
              {one.observe_only ? "nobody" : one.channels.length ? `${one.channels.length} channels` : "all channels"}
            </td>
            <td className="num">
              {one.open_incidents ? (
                <Link to={"/alerts" as never} search={{ state: "open" } as never} className="go">
                  {count(one.open_incidents)}
                </Link>
              ) : (
                "0"
              )}
            </td>
            <td>
              <Actions
                of={one.name}
                doing={doing}
                edit={() => go(`/alerts/rules/${one.id}`)}
                remove={() => send("DELETE", `${RULES}/${one.id}`)}
              />
            </td>
          </tr>
        ))}
      </Table>
    </>
  );
}
