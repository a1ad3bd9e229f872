/** Budgets near their limit, unusual days, models without a price, rate limits: one line each, with the way on. */
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { usePlace } from "../../app/place.ts";
import { counts } from "../../ui/counting.ts";
import { Panel } from "../../ui/Panel.tsx";
import { carried, zoneOf } from "../../url.ts";
import { gravest, type Item, ofBudgets, ofDays, ofLimits, ofModels } from "./attention.ts";
import { budgets, recentDays, recentLimits, recentModels, useHeadDrawn } from "./questions.ts";

export function Attention() {
  const { search } = usePlace();
  const enabled = useHeadDrawn(search);
  const days = useQuery({ ...recentDays(search), enabled });
  const held = useQuery(budgets());
  const models = useQuery({ ...recentModels(search), enabled });
  const limits = useQuery({ ...recentLimits(search), enabled });
  const along = carried(search);
  const items: Item[] = gravest([
    ...ofBudgets((held.data?.data ?? []).filter((one) => counts(one, search))),
    ...(days.data ? ofDays(days.data, along, zoneOf(search)) : []),
    ...(models.data ? ofModels(models.data) : []),
    ...(limits.data ? ofLimits(limits.data, along) : []),
  ]);
  return (
    <Panel title="Needs attention" finding="as of now, whatever the range" query={days} height={96}>
      {() =>
        items.length ? (
          <ul className="attention">
            {items.map((item) => (
              <li key={`${item.what} ${item.about}`} data-kind={item.kind}>
                <span aria-hidden>{item.kind === "error" ? "■" : "▲"}</span>{" "}
                <Link to={item.path as never} search={item.search as never}>
                  {item.what}
                </Link>{" "}
                <span className="muted">{item.about}</span>
              </li>
            ))}
          </ul>
        ) : (
          <p className="muted" style={{ margin: 0 }}>
            Nothing: no budget near its limit, no unusual day, no model without a price, no burst of refusals.
          </p>
        )
      }
    </Panel>
  );
}
