/** Words in; the models whose names hold them, with their rates, where these are from and whether anybody uses them, out. */
import { Button, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { asCurl } from "../../api/client.ts";
import { usePlace } from "../../app/place.ts";
import { count, exactMoney } from "../../format.ts";
import { Panel } from "../../ui/Panel.tsx";
import { PlainTable } from "../../ui/PlainTable.tsx";
import { RowButton } from "../../ui/RowButton.tsx";
import { first } from "../../url.ts";
import type { Wanted } from "./OverrideForm.tsx";
import { type Model, models, type Override, overrides, PATH, used } from "./questions.ts";

/** Prices should be looked at again after so many days. */
const OLD_DAYS = 90;

export function Models({ add }: { add: (of: Wanted) => void }) {
  const { search, change } = usePlace();
  const words = first(search, "find") ?? "";
  const [settled] = useDebouncedValue(words, 200);
  const answer = useInfiniteQuery(models(settled));
  const own = useQuery(overrides());
  const usage = useQuery(used());
  const calls = new Map(
    (usage.data?.groups ?? []).map((group) => {
      const of = group as unknown as { provider: string | null; model: string | null };
      return [`${of.provider} ${of.model}`, group.calls];
    }),
  );
  const page = answer.data?.pages[0];
  const age = page?.data_age_days ?? null;
  return (
    <Panel
      title="Prices"
      finding={
        page && (
          <>
            {page.price_version}
            {age !== null && (
              <span className={age > OLD_DAYS ? "notice" : ""}>
                {" "}
                · {count(age)} days old{age > OLD_DAYS && ": time to look for newer ones"}
              </span>
            )}
          </>
        )
      }
      query={answer as never}
      height={600}
      curl={asCurl(`${PATH}/models`, words ? { q: words } : {})}
      actions={
        <>
          <TextInput
            aria-label="Search models"
            placeholder="provider or model…"
            size="xs"
            w={240}
            type="search"
            value={words}
            onChange={(event) => {
              const next = event.currentTarget.value;
              change(({ find: _, ...now }) => (next ? { ...now, find: next } : now), { replace: true });
            }}
          />
          <Button size="compact-sm" mih={26} onClick={() => add({ kind: "rates" })}>
            Add a price
          </Button>
        </>
      }
    >
      {() => (
        <>
          <Table
            rows={answer.data?.pages.flatMap((one) => one.data) ?? []}
            calls={calls}
            own={own.data?.data ?? []}
            add={add}
          />
          {answer.hasNextPage && (
            <p style={{ textAlign: "center" }}>
              <Button
                size="xs"
                variant="default"
                loading={answer.isFetchingNextPage}
                onClick={() => void answer.fetchNextPage()}
              >
                More models
              </Button>
            </p>
          )}
        </>
      )}
    </Panel>
  );
}

const RATES: readonly (readonly [string, (of: Model) => string | null | undefined])[] = [
  ["Input", (of) => of.rates.input],
  ["Output", (of) => of.rates.output],
  ["Cached", (of) => of.rates.cache_read],
  ["Cache write", (of) => of.rates.cache_write],
  ["Reasoning", (of) => of.rates.reasoning ?? of.rates.output],
  ["Batch in", (of) => of.batch.input],
  ["Batch out", (of) => of.batch.output],
];

interface TableProps {
  rows: readonly Model[];
  calls: ReadonlyMap<string, number>;
  own: readonly Override[];
  add: (of: Wanted) => void;
}

function Table({ rows, calls, own, add }: TableProps) {
  if (!rows.length) return <p className="empty">No model's name holds all of these words.</p>;
  return (
    <PlainTable label="Prices">
      <caption className="sr-only">US dollars per million tokens at the standard tier</caption>
      <thead>
        <tr>
          <th scope="col">Provider</th>
          <th scope="col">Model</th>
          {RATES.map(([name]) => (
            <th scope="col" className="r" key={name} title="per 1M tokens">
              {name}
            </th>
          ))}
          <th scope="col">From</th>
          <th scope="col">Source</th>
          <th scope="col">Verified</th>
          <th scope="col" className="r">
            Calls, 7 days
          </th>
          <th scope="col">
            <span className="sr-only">Change</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {rows.map((one) => (
          <Row key={`${one.provider} ${one.model}`} of={one} calls={calls} own={own} add={add} />
        ))}
      </tbody>
    </PlainTable>
  );
}

function Row({ of, calls, own, add }: { of: Model } & Omit<TableProps, "rows">) {
  const mine = own.some((one) => concerns(one, of));
  const seen = calls.get(`${of.provider} ${of.model}`);
  return (
    <tr>
      <td>{of.provider}</td>
      <td style={{ whiteSpace: "nowrap" }}>
        <Link to={`/pricing/${of.provider}/${of.model}` as never}>{of.model}</Link>
        {mine && <span className="badge">yours</span>}
        {of.ended && <span className="badge">ended</span>}
        {of.more_rates > 0 && (
          <span className="muted" title="Further tiers, places, long contexts, audio, tools: see its history">
            {" "}
            +{of.more_rates}
          </span>
        )}
      </td>
      {RATES.map(([name, value]) => (
        <td className="r" key={name}>
          {value(of) ? exactMoney(value(of)) : "—"}
        </td>
      ))}
      <td className="num">{of.valid_from?.slice(0, 10) ?? "—"}</td>
      <td className="source" title={of.source ?? ""}>
        {of.source ?? "—"}
      </td>
      <td className="num">
        <Verified at={of.known_since} />
      </td>
      <td className="r">{seen ? count(seen) : ""}</td>
      <td className="r">
        <RowButton onClick={() => add({ kind: "rates", provider: of.provider, model: of.model, rates: of.rates })}>
          Override
        </RowButton>
      </td>
    </tr>
  );
}

function concerns(one: Override, of: Model): boolean {
  if (one.kind === "alias") return one.model === of.model;
  return (!one.provider || one.provider === of.provider) && (!one.model || one.model === of.model);
}

/** When the rates were last read at their source; amber when that is long ago. */
export function Verified({ at }: { at: string | null }) {
  if (!at) return <>—</>;
  const days = Math.floor((Date.now() - Date.parse(at)) / 86_400_000);
  const old = days > OLD_DAYS;
  return (
    <time dateTime={at} style={old ? { color: "var(--warning)" } : undefined} title={`${days} days ago`}>
      {old && "▲ "}
      {at.slice(0, 10)}
    </time>
  );
}
