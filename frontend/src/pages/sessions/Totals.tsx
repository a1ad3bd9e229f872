/** The sums of one session or user in; tiles, and the calls that they leave out, out. */
import { Link } from "@tanstack/react-router";
import type { Schemas } from "../../api/client.ts";
import { count, duration, exactMoney, money, percent, shortCount } from "../../format.ts";
import { Tile } from "../../ui/Tile.tsx";
import type { Search } from "../../url.ts";

type Seen = Schemas["SessionDetail"] | Schemas["UserDetail"];

export function Totals({
  of,
  requests,
  last,
}: {
  of: Seen;
  requests: Search;
  last: { title: string; value: string; sub: string };
}) {
  const left = of.unpriced_calls + of.unknown_usage_calls;
  const tokens = (of.input_tokens ?? 0) + (of.output_tokens ?? 0);
  const told = of.input_tokens !== null || of.output_tokens !== null;
  return (
    <>
      <div className="grid tiles">
        <Tile
          title="Total Cost"
          value={of.cost_usd === null ? "—" : money(of.cost_usd)}
          exact={`${exactMoney(of.cost_usd)}${left ? `; without ${count(left)} calls whose cost is unknown` : "; all calls are in it"}`}
          sub={`in ${money(of.input_cost_usd)} · out ${money(of.output_cost_usd)}`}
        />
        <Tile
          title="Total Requests"
          value={shortCount(of.calls)}
          exact={`${count(of.calls)} calls, ${count(of.errors)} of them failed`}
          sub={
            <>
              {percent(of.calls ? (of.calls - of.errors) / of.calls : null)} ok ·{" "}
              <Link to={"/requests" as never} search={requests as never}>
                all of them
              </Link>
            </>
          }
        />
        <Tile
          title="Total Tokens"
          value={told ? shortCount(tokens) : "—"}
          exact={`${count(of.input_tokens)} prompt (${count(of.cached_input_tokens)} of them cached), ${count(of.output_tokens)} completion`}
          sub={`${shortCount(of.input_tokens)} prompt · ${shortCount(of.output_tokens)} completion`}
        />
        <Tile
          title="Average Latency"
          value={duration(of.latency_ms?.avg)}
          exact={`from ${duration(of.latency_ms?.min)} to ${duration(of.latency_ms?.max)}`}
          sub={`p50 ${duration(of.latency_ms?.p50)} · p95 ${duration(of.latency_ms?.p95)}`}
        />
        <Tile title={last.title} value={last.value} exact={last.sub} sub={last.sub} />
      </div>
      {left > 0 && (
        <p className="notice" style={{ margin: 0 }}>
          Cost is missing for {count(left)} of {count(of.calls)} requests: {count(of.unpriced_calls)} have no price,{" "}
          {count(of.unknown_usage_calls)} reported no usage. <Link to={"/pricing" as never}>Pricing</Link>
        </p>
      )}
    </>
  );
}
