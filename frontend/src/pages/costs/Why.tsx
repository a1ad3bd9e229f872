/** Why cost changed: its exact parts as a waterfall, and the models, rates and values behind them. */
import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { asCurl } from "../../api/client.ts";
import { usePlace } from "../../app/place.ts";
import { exactMoney, money, span } from "../../format.ts";
import { Panel } from "../../ui/Panel.tsx";
import { PlainTable } from "../../ui/PlainTable.tsx";
import { all, asked, type Search, withFilter, zoneOf } from "../../url.ts";
import { why, type Why as Answer } from "./questions.ts";
import { signed } from "./Tiles.tsx";
import { TITLES, waterfall } from "./waterfall.ts";

/** `why=all`, or the filters of one row: `why=model=gpt-5`. */
export function narrowedOf(search: Search): Search {
  return all(search, "why")
    .filter((pair) => pair.includes("="))
    .reduce((found, pair) => {
      const at = pair.indexOf("=");
      return withFilter(found, pair.slice(0, at), pair.slice(at + 1));
    }, {} as Search);
}

export function Why() {
  const { search, change } = usePlace();
  const narrowed = narrowedOf(search);
  const answer = useQuery(why(search, narrowed));
  const host = useRef<HTMLDivElement>(null);
  useEffect(() => host.current?.focus(), []);
  const close = () => change(({ why: _, ...rest }) => rest);
  const about = Object.entries(narrowed).map(
    ([name, value]) => `${name.replace("tag.", "tag ")} ${String(value) || "(none)"}`,
  );
  return (
    <div ref={host} tabIndex={-1} className="why" onKeyDown={(event) => event.key === "Escape" && close()}>
      <Panel
        title="Why did it change?"
        finding={about.join(", ")}
        query={answer}
        height={330}
        curl={asCurl("/api/v1/spend/why", { ...asked(search), ...narrowed })}
        actions={
          <button type="button" className="link" onClick={close}>
            Close
          </button>
        }
      >
        {(data) => <Explained data={data} />}
      </Panel>
    </div>
  );
}

function Explained({ data }: { data: Answer }) {
  const { search } = usePlace();
  const zone = zoneOf(search);
  const { before, after } = data;
  const left = before.uncovered_calls + after.uncovered_calls;
  if (data.difference_usd === null || before.cost_usd === null || after.cost_usd === null)
    return <p className="notice">{data.unknown}</p>;
  return (
    <>
      <p className="finding-line">
        <strong title={exactMoney(data.difference_usd)}>{signed(data.difference_usd)}</strong>{" "}
        <span className="muted">
          from {money(before.cost_usd)} ({span(data.cmp_from, data.cmp_to, zone)}) to {money(after.cost_usd)} (
          {span(data.from, data.to, zone)}). The parts add up to the last digit
          {left ? `; ${left} calls without a known cost are in none of them` : ""}.
        </span>
      </p>
      <div className="grid halves">
        <Waterfall data={data} before={before.cost_usd} after={after.cost_usd} />
        <Moved data={data} />
      </div>
      <Models data={data} />
      <Rates data={data} />
    </>
  );
}

function Waterfall({ data, before, after }: { data: Answer; before: string; after: string }) {
  const { bars, start } = waterfall(before, data.parts, after);
  return (
    <div>
      <table className="plain waterfall">
        <caption className="sr-only">The parts of the change, in the order in which they are taken</caption>
        <tbody>
          {bars.map((bar) => (
            <tr key={bar.name} title={bar.about} data-kind={bar.kind}>
              <th scope="row">{bar.name}</th>
              <td className="track">
                <div style={{ marginLeft: `${100 * bar.left}%`, width: `${100 * bar.width}%` }} />
              </td>
              <td className="r" title={exactMoney(bar.value)}>
                {bar.kind === "level" ? money(bar.value) : bar.kind === "same" ? "$0" : signed(bar.value)}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {start > 0 && <p className="muted small">The bars begin at ${start.toPrecision(3)}, not at zero.</p>}
    </div>
  );
}

/** The values that moved most, the most telling dimensions first; a row narrows the page to it. */
function Moved({ data }: { data: Answer }) {
  const { change } = usePlace();
  return (
    <div className="moved">
      {data.dimensions.slice(0, 4).map((dimension) => (
        <table className="plain" key={dimension.by}>
          <thead>
            <tr>
              <th scope="col">{dimension.by.replace("_", " ")}</th>
              <th scope="col" className="r">
                Change
              </th>
            </tr>
          </thead>
          <tbody>
            {dimension.values.slice(0, 4).map((value) => (
              <tr key={value.value ?? ""}>
                <td>
                  <button
                    type="button"
                    className="link"
                    onClick={() => change((now) => ({ ...now, why: [`${dimension.by}=${value.value ?? ""}`] }))}
                  >
                    {value.value ?? `(no ${dimension.by})`}
                  </button>
                </td>
                <td className="r" title={exactMoney(value.difference_usd)}>
                  {signed(value.difference_usd)}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      ))}
    </div>
  );
}

const SHOWN = 8;

function Models({ data }: { data: Answer }) {
  const parts = data.parts.filter((part) => /[1-9]/.test(part.usd));
  if (data.models.length < 2 || !parts.length) return null;
  return (
    <details>
      <summary>By model</summary>
      <PlainTable label="Parts of the change by model">
        <thead>
          <tr>
            <th scope="col">model</th>
            <th scope="col" className="r">
              Change
            </th>
            {parts.map((part) => (
              <th scope="col" className="r" key={part.part}>
                {TITLES[part.part] ?? part.part}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {data.models.slice(0, SHOWN).map((model) => (
            <tr key={`${model.provider} ${model.model} ${model.others}`}>
              <th scope="row">{model.others ? "Other" : (model.model ?? "(no model)")}</th>
              <td className="r" title={exactMoney(model.difference_usd)}>
                {signed(model.difference_usd)}
              </td>
              {parts.map((part) => (
                <td className="r" key={part.part} title={exactMoney(model.parts[part.part])}>
                  {money(model.parts[part.part])}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </PlainTable>
    </details>
  );
}

function Rates({ data }: { data: Answer }) {
  if (!data.prices.length) return null;
  return (
    <details>
      <summary>Rates that changed</summary>
      <table className="plain">
        <tbody>
          {data.prices.slice(0, SHOWN).map((price) => (
            <tr key={`${price.model} ${price.service_tier} ${price.region} ${price.bucket} ${price.tier}`}>
              <th scope="row">
                {price.model} <span className="muted">{price.bucket.replaceAll("_", " ")}</span>
              </th>
              <td className="r">
                {money(price.before_rate_usd)} → {money(price.after_rate_usd)} per {price.per > 1 ? "1M" : ""}{" "}
                {price.unit}
              </td>
              <td className="r" title={exactMoney(price.usd)}>
                {signed(price.usd)}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </details>
  );
}
