/** Cost, requests, tokens and latency over time, under one crosshair, against the period they are compared with. */
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { asCurl } from "../../api/client.ts";
import { type Spend, tagKeys } from "../../api/questions.ts";
import { usePlace } from "../../app/place.ts";
import { OverTime } from "../../charts/OverTime.tsx";
import {
  byGroup,
  byMeasure,
  callCount,
  cost,
  filterValue,
  inputTokens,
  type Measure,
  outputTokens,
} from "../../charts/series.ts";
import { useCostIncidents } from "../../ui/incidents.ts";
import { Panel } from "../../ui/Panel.tsx";
import { asked, first, withFilter } from "../../url.ts";
import { before, head, over, SPLITS } from "./questions.ts";

const TOKENS = { prompt: inputTokens, completion: outputTokens };
const OK: Record<string, Measure> = { ok: (of) => of.calls - of.errors };
const OUTCOMES: Record<string, Measure> = { ...OK, error: (of) => of.errors };
const LATENCIES: Record<string, Measure> = {
  p50: (of) => of.latency_ms?.p50 ?? null,
  p95: (of) => of.latency_ms?.p95 ?? null,
};

export function Charts() {
  const { search } = usePlace();
  const all = useQuery(head(search));
  const then = useQuery(before(search, all.data?.granularity));
  const earlier = (measures: Readonly<Record<string, Measure>>, none: number | null = 0) =>
    then.isEnabled && then.data ? byMeasure(then.data, measures, none) : undefined;
  const curl = (by?: string) =>
    asCurl("/api/v1/spend", { ...asked(search), ...(by ? { by } : {}), granularity: "auto" });
  return (
    <div className="grid halves">
      <CostOverTime before={then.isEnabled ? then.data : undefined} />
      <Panel title="Requests over time" query={all} height={280} curl={curl("status")}>
        {(data) => (
          <OverTime
            title="Requests over time"
            over={byMeasure(data, data.total.errors ? OUTCOMES : OK)}
            unit="count"
            kind="stacked"
            dimension="status"
            earlier={earlier({ requests: callCount })}
            narrowed={(now, name) => withFilter(now, "status", name)}
          />
        )}
      </Panel>
      <Panel title="Tokens over time" query={all} height={280} curl={curl()}>
        {(data) => (
          <OverTime
            title="Tokens over time"
            over={byMeasure(data, TOKENS)}
            unit="count"
            kind="stacked"
            dimension="tokens"
            earlier={earlier(TOKENS)}
          />
        )}
      </Panel>
      <Panel title="Latency" query={all} height={280} curl={curl()}>
        {(data) => (
          <OverTime
            title="Latency"
            over={byMeasure(data, LATENCIES, null)}
            unit="ms"
            kind="lined"
            dimension="percentile"
            earlier={earlier(LATENCIES, null)}
          />
        )}
      </Panel>
    </div>
  );
}

function CostOverTime({ before: then }: { before: Spend | undefined }) {
  const { search, change } = usePlace();
  const split = first(search, "split") ?? "model";
  const costs = useQuery(over(search, split));
  const incidents = useCostIncidents(costs.data, search);
  const [choosing, setChoosing] = useState(false);
  const tags = useQuery({ ...tagKeys(asked(search)), enabled: choosing });
  const splits = [...SPLITS, ...(tags.data?.data ?? []).map((tag) => `tag.${tag.key}`)];
  return (
    <Panel
      title="Cost over time"
      query={costs}
      height={280}
      curl={asCurl("/api/v1/spend", { ...asked(search), by: split, granularity: "auto" })}
      actions={
        <select
          className="select"
          aria-label="Split by"
          value={split}
          onPointerEnter={() => setChoosing(true)}
          onFocus={() => setChoosing(true)}
          onChange={({ target }) => change((now) => ({ ...now, split: target.value }), { replace: true })}
        >
          {[...new Set([...splits, split])].map((value) => (
            <option key={value} value={value}>
              {value.replace("_", " ").replace("tag.", "tag ")}
            </option>
          ))}
        </select>
      }
    >
      {(data) => (
        <OverTime
          title="Cost over time"
          over={byGroup(data, split, cost)}
          unit="money"
          kind="stacked"
          dimension={split}
          earlier={then && byMeasure(then, { cost })}
          incidents={incidents}
          narrowed={(now, name) => withFilter(now, split, filterValue(name, split))}
        />
      )}
    </Panel>
  );
}
