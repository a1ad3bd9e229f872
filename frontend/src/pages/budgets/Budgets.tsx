/** All budgets and how they stand; where one is made. */
import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { asCurl } from "../../api/client.ts";
import { Page } from "../../app/Shell.tsx";
import { count, exactMoney, money, percent } from "../../format.ts";
import { usePlace } from "../../app/place.ts";
import { PlainTable } from "../../ui/PlainTable.tsx";
import { zoneOf } from "../../url.ts";
import { Panel } from "../../ui/Panel.tsx";
import { BudgetForm } from "./BudgetForm.tsx";
import { ObserveOnly } from "./ObserveOnly.tsx";
import { ObserveOnlySwitch } from "./ObserveOnlySwitch.tsx";
import { type Budget, budgets, observing, PATH } from "./questions.ts";
import { Bar, scopeOf, StatusWord, used } from "./Spent.tsx";

const ACTIONS = { none: "shown only", warn: "warns", block: "blocks at the gateway" };

export function Budgets() {
  const { search } = usePlace();
  const answer = useQuery(budgets());
  const [making, setMaking] = useState(false);
  const switched = useQuery(observing());
  const make = (
    <>
      {switched.data && !switched.data.on && <ObserveOnlySwitch on={false} />}
      <Button size="compact-sm" mih={26} onClick={() => setMaking(true)}>
        New budget
      </Button>
    </>
  );
  return (
    <Page title="Budgets">
      <ObserveOnly zone={zoneOf(search)} />
      <Panel title="All budgets" query={answer} height={220} curl={asCurl(PATH)} actions={make}>
        {(data) => (data.data.length ? <Table all={data.data} /> : <None />)}
      </Panel>
      {making && <BudgetForm close={() => setMaking(false)} />}
    </Page>
  );
}

function None() {
  return (
    <div className="empty">
      <p>No budget yet. A budget is a limit for a period: of everything, or of a feature, team, model or any tag.</p>
      <p>Making one shows what the last three periods cost, so that the limit is not a guess.</p>
    </div>
  );
}

function Table({ all }: { all: readonly Budget[] }) {
  return (
    <PlainTable label="Budgets">
      <thead>
        <tr>
          {["Budget", "Scope", "Period"].map((name) => (
            <th scope="col" key={name}>
              {name}
            </th>
          ))}
          <th scope="col" className="r">
            Spent
          </th>
          <th scope="col" className="r">
            Limit
          </th>
          <th scope="col">Used, and today's pace</th>
          <th scope="col" className="r">
            Forecast
          </th>
          <th scope="col">Status</th>
          <th scope="col">Action</th>
        </tr>
      </thead>
      <tbody>
        {all.map((one) => (
          <tr key={one.id}>
            <td>
              <Link to={`/budgets/${one.id}` as never}>{one.name}</Link>
            </td>
            <td>{scopeOf(one.filters)}</td>
            <td>{one.period === "rolling" ? `last ${one.window ?? ""}` : one.period}</td>
            <td className="r" title={exactMoney(one.spent_usd)}>
              {one.spent_usd === null ? "— no price" : money(one.spent_usd)}
              {one.unpriced_calls > 0 && <div className="muted">without {count(one.unpriced_calls)} unpriced</div>}
            </td>
            <td className="r">{money(one.limit_usd)}</td>
            <td style={{ minWidth: 220 }}>
              <div style={{ display: "flex", gap: 8, alignItems: "center" }}>
                <div style={{ flex: 1 }}>
                  <Bar of={one} />
                </div>
                <span className="num" style={{ width: 54, textAlign: "right", whiteSpace: "nowrap" }}>
                  {percent(used(one))}
                </span>
              </div>
            </td>
            <td className="r" title={one.forecast_usd === null ? "Too early, or there is no end" : ""}>
              {money(one.forecast_usd)}
            </td>
            <td>
              <StatusWord status={one.status} />
            </td>
            <td>{ACTIONS[one.enforcement]}</td>
          </tr>
        ))}
      </tbody>
    </PlainTable>
  );
}
