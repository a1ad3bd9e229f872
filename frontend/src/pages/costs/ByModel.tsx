/** Cost by model as a ring, and tokens by model as lying bars with what a million of them costs. */
import { useQuery } from "@tanstack/react-query";
import { asCurl } from "../../api/client.ts";
import type { Group } from "../../api/questions.ts";
import { usePlace } from "../../app/place.ts";
import { LyingBars } from "../../charts/LyingBars.tsx";
import { Ring } from "../../charts/Ring.tsx";
import { isRest, named } from "../../charts/series.ts";
import { exactMoney, money } from "../../format.ts";
import { Panel } from "../../ui/Panel.tsx";
import { asked, carried, withFilter } from "../../url.ts";
import { perMillion, slicesOf } from "./models.ts";
import { groups } from "./questions.ts";

const ROWS = 10;
export function CostByModel() {
  const { search, change } = usePlace();
  const answer = useQuery(groups(search, "model"));
  return (
    <Panel
      title="Cost by Model"
      query={answer}
      height={280}
      curl={asCurl("/api/v1/spend", { ...asked(search), by: "model" })}
    >
      {(data) => {
        const slices = slicesOf(data, "model");
        if (!slices.length) return <p className="empty">Nothing in this range has a known cost.</p>;
        return (
          <Ring
            title="Cost by Model"
            slices={slices}
            dimension="model"
            unit="money"
            total={money(data.total.cost_usd)}
            height={250}
            pick={(name) => change((now) => withFilter(now, "model", name))}
          />
        );
      }}
    </Panel>
  );
}

export function TokensByModel() {
  const { search, go } = usePlace();
  const answer = useQuery(groups(search, "model"));
  return (
    <Panel
      title="Token Usage by Model"
      query={answer}
      height={280}
      curl={asCurl("/api/v1/spend", { ...asked(search), by: "model" })}
    >
      {(data) => {
        const size = (group: Group) => (group.input_tokens ?? 0) + (group.output_tokens ?? 0);
        const shown = data.groups
          .filter((group) => !isRest(group))
          .sort((a, b) => size(b) - size(a))
          .slice(0, ROWS);
        if (!shown.length) return <p className="empty">Nothing in this range.</p>;
        return (
          <div className="with-rates">
            <div>
              <LyingBars
                title="Token Usage by Model"
                names={shown.map((group) => named(group, "model"))}
                series={[
                  { name: "input_tokens", slot: 6, values: shown.map((group) => group.input_tokens) },
                  { name: "output_tokens", slot: 5, values: shown.map((group) => group.output_tokens) },
                ]}
                unit="count"
                height={shown.length * 24 + 28}
                pick={(name) => go("/requests", withFilter(carried(search), "model", name))}
              />
            </div>
            <Rates shown={shown} />
          </div>
        );
      }}
    </Panel>
  );
}

/** Beside each pair of bars: what a million of these tokens costs. */
function Rates({ shown }: { shown: readonly Group[] }) {
  return (
    <ul className="rates" aria-label="US dollars per million tokens">
      {shown.map((group) => {
        const found = perMillion(group);
        return (
          <li key={named(group, "model")} title={`${exactMoney(found)} per million tokens, in and out together`}>
            <span className="sr-only">{named(group, "model")} </span>
            {found === null ? "no price" : `${money(found)} /1M`}
          </li>
        );
      })}
    </ul>
  );
}
