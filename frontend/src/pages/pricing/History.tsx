/** A provider and a model in; every rate it ever had, with its dates and sources, out. */
import { Switch } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { asCurl } from "../../api/client.ts";
import { usePlace } from "../../app/place.ts";
import { Page } from "../../app/Shell.tsx";
import { exactMoney, rate } from "../../format.ts";
import { Panel } from "../../ui/Panel.tsx";
import { PlainTable } from "../../ui/PlainTable.tsx";
import { first } from "../../url.ts";
import { Verified } from "./Models.tsx";
import { history, PATH, type Price } from "./questions.ts";
import "./pricing.css";

export function History() {
  const { provider = "", _splat: model = "" } = useParams({ strict: false }) as Record<string, string>;
  const { search, change } = usePlace();
  const answer = useQuery(history(provider, model));
  const onlyNow = first(search, "now") === "1";
  return (
    <Page title={`${provider} / ${model}`}>
      <p style={{ margin: 0 }}>
        <Link to={"/pricing" as never}>← All prices</Link>
      </p>
      <Panel
        title="Rates"
        finding={answer.data?.rule}
        query={answer}
        height={400}
        curl={asCurl(`${PATH}/${provider}/${model}`)}
        actions={
          <Switch
            size="xs"
            label="Only those in force"
            checked={onlyNow}
            onChange={(event) => {
              const on = event.currentTarget.checked;
              change(({ now: _, ...rest }) => (on ? { ...rest, now: "1" } : rest), { replace: true });
            }}
          />
        }
      >
        {(data) => <Rates rows={data.data.filter((row) => !onlyNow || isInForce(row, Date.now()))} />}
      </Panel>
    </Page>
  );
}

function isInForce(row: Price, now: number): boolean {
  return (
    (!row.valid_from || Date.parse(row.valid_from) <= now) && (!row.valid_until || now < Date.parse(row.valid_until))
  );
}

function Rates({ rows }: { rows: readonly Price[] }) {
  const order = [...rows].sort(
    (a, b) => a.tier.localeCompare(b.tier) || (b.valid_from ?? "").localeCompare(a.valid_from ?? ""),
  );
  const now = Date.now();
  return (
    <PlainTable label="Rates">
      <thead>
        <tr>
          {["Tier", "For", "Rate", "From", "Until", "When it holds", "Source", "Verified"].map((name) => (
            <th scope="col" key={name} className={name === "Rate" ? "r" : ""}>
              {name}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {order.map((row, at) => (
          <tr key={at} className={isInForce(row, now) ? "" : "muted"}>
            <td>{row.tier}</td>
            <td>{row.bucket ?? "everything"}</td>
            <td className="r" title={row.usd ? `${exactMoney(row.usd)} for ${row.per} ${row.unit}` : ""}>
              {row.factor ? `× ${row.factor}` : rate(row.usd, row.per)}
              {row.unit && row.unit !== "token" && ` ${row.unit}`}
            </td>
            <td className="num">{row.valid_from?.slice(0, 10) ?? "always"}</td>
            <td className="num">{row.valid_until?.slice(0, 10) ?? (isInForce(row, now) ? "now" : "—")}</td>
            <td className="when">{conditions(row)}</td>
            <td className="source" title={row.source ?? ""}>
              {row.source ?? "—"}
            </td>
            <td className="num">
              <Verified at={row.known_since} />
            </td>
          </tr>
        ))}
      </tbody>
    </PlainTable>
  );
}

function conditions(row: Price): string {
  const told = [
    row.input_above
      ? `input above ${row.input_above.toLocaleString("en-US")}${row.marginal ? ", what lies beyond" : ""}`
      : "",
    row.region ? `served in ${row.region}` : "",
    row.hours ? `${row.hours} UTC` : "",
    row.note ?? "",
  ];
  return told.filter(Boolean).join("; ");
}
