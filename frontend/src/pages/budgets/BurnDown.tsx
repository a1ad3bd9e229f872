/** A budget and a limit in; spend added up over its period against that limit, with the forecast's cone, out. */
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { usePlace } from "../../app/place.ts";
import { Chart } from "../../charts/Chart.tsx";
import { AsTable } from "../../charts/AsTable.tsx";
import { axisTime, isDaily, written } from "../../charts/written.ts";
import { approximate, exactMoney, money } from "../../format.ts";
import { Panel } from "../../ui/Panel.tsx";
import { type Burn, burn, burnOption } from "./burn.ts";
import { type Budget, counted, within } from "./questions.ts";

export function BurnDown({ of, limit }: { of: Budget; limit: string }) {
  const { go } = usePlace();
  const answer = useQuery(within(of));
  const [table, setTable] = useState(false);
  const finding = forecastOf(of, limit);
  return (
    <Panel title="Burn-down" finding={finding} query={answer} height={300}>
      {(data) => {
        const found = burn(of, data, Date.now());
        const label = `Spend added up: ${money(of.spent_usd)} of ${money(limit)}. ${finding}`;
        return (
          <>
            {table ? (
              <Steps of={found} zone={of.timezone} />
            ) : (
              <Chart
                option={() => burnOption(found, limit, of.timezone, isDaily(found.times))}
                of={[data, limit]}
                height={280}
                label={label}
                steps={found.times.length}
                onPick={(step) => {
                  const from = found.times[step];
                  if (from) go("/requests", { ...counted(of), from, to: found.times[step + 1] ?? "now" });
                }}
                onTable={() => setTable(true)}
              />
            )}
            <div className="legend">
              <span>
                <i style={{ display: "inline-block", background: "var(--series-0)" }} /> Spent
              </span>
              <span>
                <i style={{ display: "inline-block", background: "var(--error)" }} /> Limit {money(limit)}
              </span>
              {of.forecast_usd !== null && (
                <span>
                  <i style={{ display: "inline-block", background: "var(--muted)" }} /> Forecast, dashed; shaded: the
                  cheapest and dearest quarter of steps so far
                </span>
              )}
              <AsTable table={table} set={setTable} />
            </div>
          </>
        );
      }}
    </Panel>
  );
}

function Steps({ of, zone }: { of: Burn; zone: string }) {
  const daily = isDaily(of.times);
  return (
    <div style={{ maxHeight: 280, overflow: "auto" }} tabIndex={0} role="region" aria-label="The chart as a table">
      <table className="plain">
        <thead>
          <tr>
            <th scope="col">Up to the end of</th>
            <th scope="col" className="r">
              Spent
            </th>
            <th scope="col" className="r">
              Forecast
            </th>
          </tr>
        </thead>
        <tbody>
          {of.times.map((time, at) => (
            <tr key={time}>
              <td>{axisTime(time, zone, daily)}</td>
              <td className="r" title={exactMoney(of.spent[at])}>
                {money(of.spent[at])}
              </td>
              <td className="r">{written(of.forecast[at] ?? null, "money")}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function forecastOf(of: Budget, limit: string): string {
  if (approximate(of.spent_usd) >= approximate(limit)) return "the limit is used up";
  if (of.forecast_usd === null) return "";
  const over = approximate(of.forecast_usd) >= approximate(limit);
  return `forecast ${money(of.forecast_usd)}, ${over ? "over" : "within"} the limit of ${money(limit)}`;
}
