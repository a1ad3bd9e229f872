/** A budget and a limit in; spend added up over its period against that limit, with the forecast's cone, out. */
import { useQuery } from "@tanstack/react-query";
import { usePlace } from "../../app/place.ts";
import { Chart } from "../../charts/Chart.tsx";
import { isDaily } from "../../charts/written.ts";
import { approximate, money } from "../../format.ts";
import { Panel } from "../../ui/Panel.tsx";
import { burn, burnOption } from "./burn.ts";
import { type Budget, counted, within } from "./questions.ts";

export function BurnDown({ of, limit }: { of: Budget; limit: string }) {
  const { go } = usePlace();
  const answer = useQuery(within(of));
  const finding = forecastOf(of, limit);
  return (
    <Panel title="Burn-down" finding={finding} query={answer} height={300}>
      {(data) => {
        const found = burn(of, data, Date.now());
        const label = `Spend added up: ${money(of.spent_usd)} of ${money(limit)}. ${finding}`;
        return (
          <>
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
            />
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
            </div>
          </>
        );
      }}
    </Panel>
  );
}

function forecastOf(of: Budget, limit: string): string {
  if (approximate(of.spent_usd) >= approximate(limit)) return "the limit is used up";
  if (of.forecast_usd === null) return "";
  const over = approximate(of.forecast_usd) >= approximate(limit);
  return `forecast ${money(of.forecast_usd)}, ${over ? "over" : "within"} the limit of ${money(limit)}`;
}
