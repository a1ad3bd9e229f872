/** What was paid in vain, the dearest first: failed calls, repeated prompts, caches written and never read. */
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { asCurl } from "../../api/client.ts";
import { usePlace } from "../../app/place.ts";
import { approximate, cellMoney, count, exactMoney } from "../../format.ts";
import { Panel } from "../../ui/Panel.tsx";
import { PlainTable } from "../../ui/PlainTable.tsx";
import { asked, carried, type Search, withFilter } from "../../url.ts";
import { cacheReport, waste } from "./questions.ts";

interface Item {
  what: string;
  model: string | null;
  feature: string | null;
  version: string | null;
  calls: number | null;
  tokens: number | null;
  cost: string | null;
  behind: Search;
}

const SHOWN = 15;

export function WasteList() {
  const { search } = usePlace();
  const answer = useQuery(waste(search));
  const cached = useQuery(cacheReport(search));
  const narrowed = (pairs: Record<string, string | null>) =>
    Object.entries(pairs).reduce((now, [name, value]) => (value ? withFilter(now, name, value) : now), carried(search));
  const unread = (cached.data?.data ?? [])
    .filter((one) => one.unread_written_tokens > 0)
    .map((one): Item => ({
      what: "Cache written, never read",
      model: one.model,
      feature: null,
      version: null,
      calls: null,
      tokens: one.unread_written_tokens,
      cost: one.unread_written_cost_usd,
      behind: narrowed({ model: one.model }),
    }));
  return (
    <Panel title="Waste" query={answer} height={220} curl={asCurl("/api/v1/spend/waste", asked(search))}>
      {(data) => {
        const calls = data.data.map((one): Item => ({
          what: one.kind === "failed" ? "Failed" : "Repeated prompt",
          model: one.model,
          feature: one.feature,
          version: one.prompt_version,
          calls: one.calls,
          tokens: one.input_tokens,
          cost: one.cost_usd,
          behind: narrowed({
            provider: one.provider,
            model: one.model,
            feature: one.feature,
            prompt_version: one.prompt_version,
            status: one.kind === "failed" ? "error" : null,
          }),
        }));
        const items = [...calls, ...unread].sort((a, b) => approximate(b.cost) - approximate(a.cost)).slice(0, SHOWN);
        return items.length ? (
          <Items items={items} />
        ) : (
          <p className="empty">Nothing was wasted, as far as can be told.</p>
        );
      }}
    </Panel>
  );
}

function Items({ items }: { items: readonly Item[] }) {
  return (
    <PlainTable label="Waste">
      <thead>
        <tr>
          <th scope="col">What</th>
          <th scope="col">Model</th>
          <th scope="col">Feature, prompt version</th>
          <th scope="col" className="r">
            Requests
          </th>
          <th scope="col" className="r">
            Tokens
          </th>
          <th scope="col" className="r">
            Cost
          </th>
        </tr>
      </thead>
      <tbody>
        {items.map((item, at) => (
          <tr key={at}>
            <th scope="row">
              <Link to={"/requests" as never} search={item.behind as never}>
                {item.what}
              </Link>
            </th>
            <td>{item.model ?? "—"}</td>
            <td>
              {item.feature ?? "—"} <span className="muted">{item.version}</span>
            </td>
            <td className="r">{count(item.calls)}</td>
            <td className="r">{count(item.tokens)}</td>
            <td className="r" title={exactMoney(item.cost)}>
              {item.cost === null ? "— unknown" : cellMoney(item.cost)}
            </td>
          </tr>
        ))}
      </tbody>
    </PlainTable>
  );
}
