/** Models that calls were made with and that have no price: how much they are used, and what they may be a name of. */
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { usePlace } from "../../app/place.ts";
import { count, moment } from "../../format.ts";
import { Panel } from "../../ui/Panel.tsx";
import { PlainTable } from "../../ui/PlainTable.tsx";
import { rangeLabel } from "../../ui/RangePicker.tsx";
import { RowButton } from "../../ui/RowButton.tsx";
import { rangeOf, type Search, zoneOf } from "../../url.ts";
import type { Wanted } from "./OverrideForm.tsx";
import { recent, unpriced, type Unpriced as Row } from "./questions.ts";

export function Unpriced({ add }: { add: (of: Wanted) => void }) {
  const { search } = usePlace();
  const answer = useQuery(unpriced(search));
  const { from, to, tz } = rangeOf(recent(search));
  if (answer.data && !answer.data.data.length) return null;
  const calls = answer.data?.unpriced_calls;
  return (
    <Panel
      title="No price"
      finding={
        calls
          ? `${count(calls)} ${calls === 1 ? "call" : "calls"} of ${during(rangeLabel(from, to, tz))} ${calls === 1 ? "is" : "are"} in no sum`
          : undefined
      }
      query={answer}
      height={90}
    >
      {(data) => (
        <PlainTable label="Models without a price">
          <thead>
            <tr>
              <th scope="col">Provider</th>
              <th scope="col">Model</th>
              <th scope="col" className="r">
                Calls
              </th>
              <th scope="col" className="r">
                Tokens in
              </th>
              <th scope="col" className="r">
                Tokens out
              </th>
              <th scope="col">Last seen</th>
              <th scope="col">Why</th>
              <th scope="col">May be</th>
              <th scope="col">
                <span className="sr-only">Add a price</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {data.data.map((one) => (
              <OneModel key={`${one.provider} ${one.model}`} of={one} add={add} range={recent(search)} />
            ))}
          </tbody>
        </PlainTable>
      )}
    </Panel>
  );
}

/** A range within a sentence: "the last 30 days", "Nov 1 to Nov 7". */
function during(range: string): string {
  return range.replace(/^Last/, "the last").replace(" – ", " to ");
}

interface OneModelProps {
  of: Row;
  add: (wanted: Wanted) => void;
  range: Search;
}

function OneModel({ of, add, range }: OneModelProps) {
  const [provider, model] = [of.provider ?? "", of.model ?? ""];
  const zone = zoneOf({});
  const shown = of.priced_now ? [] : of.suggestions;
  return (
    <tr>
      <td>{provider || "—"}</td>
      <td>{model || "—"}</td>
      <td className="r">
        <Link to={"/requests" as never} search={{ ...range, ...(model ? { model } : {}) } as never}>
          {count(of.calls)}
        </Link>
      </td>
      <td className="r">{count(of.input_tokens)}</td>
      <td className="r">{count(of.output_tokens)}</td>
      <td className="num">
        <time dateTime={of.last_seen}>{moment(of.last_seen, zone, false)}</time>
      </td>
      <td>{of.priced_now ? "has a price by now: price the past again" : (of.reason ?? "—")}</td>
      <td>
        {shown.length === 0 && "—"}
        {shown.map((found) => (
          <div key={`${found.provider} ${found.model}`}>
            <button
              type="button"
              className="linklike"
              title={found.why}
              onClick={() =>
                add({ kind: "alias", provider, model, of_provider: found.provider, of_model: found.model })
              }
            >
              {found.provider}/{found.model}
            </button>
          </div>
        ))}
      </td>
      <td className="r">
        <RowButton variant="light" onClick={() => add({ kind: "rates", provider, model })}>
          Add a price
        </RowButton>
      </td>
    </tr>
  );
}
