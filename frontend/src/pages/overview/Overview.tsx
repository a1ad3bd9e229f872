/** The morning's page: what was spent, on what, by whom, and the latest calls. */
import { Select } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Page } from "../../app/Shell.tsx";
import { usePlace } from "../../app/place.ts";
import { OverTime } from "../../charts/OverTime.tsx";
import { byGroup, byMeasure, callCount, cost, inputTokens, outputTokens } from "../../charts/series.ts";
import { asCurl } from "../../api/client.ts";
import { Empty } from "../../ui/Empty.tsx";
import { Panel } from "../../ui/Panel.tsx";
import { asked, first, withFilter } from "../../url.ts";
import { Latest } from "./Latest.tsx";
import { outcomes, over, SPLITS, total } from "./questions.ts";
import { Tiles } from "./Tiles.tsx";
import { TopSpenders } from "./TopSpenders.tsx";

export function Overview() {
  const { search, change } = usePlace();
  const split = first(search, "split") ?? "model";
  const all = useQuery(total(search));
  const costs = useQuery(over(search, split));
  const statuses = useQuery(outcomes(search));
  const curl = asCurl("/api/v1/spend", { ...asked(search), by: split, granularity: "auto" });
  return (
    <Page title="Overview" ranged>
      <Tiles />
      {all.data?.total.calls === 0 && !all.isPlaceholderData && <Empty />}
      <div className="grid halves">
        <Panel
          title="Cost over time"
          query={costs}
          height={280}
          curl={curl}
          actions={
            <Select
              aria-label="Split by"
              size="xs"
              w={130}
              data={[...SPLITS]}
              value={split}
              allowDeselect={false}
              onChange={(value) => change((now) => ({ ...now, split: value ?? "model" }), { replace: true })}
            />
          }
        >
          {(data) => (
            <OverTime
              title="Cost over time"
              over={byGroup(data, split, cost)}
              unit="money"
              kind="stacked"
              dimension={split}
              narrowed={(now, name) => withFilter(now, split, name)}
            />
          )}
        </Panel>
        <Panel title="Requests over time" query={statuses} height={280}>
          {(data) => (
            <OverTime
              title="Requests over time"
              over={byGroup(data, "status", callCount)}
              unit="count"
              kind="stacked"
              dimension="status"
              narrowed={(now, name) => withFilter(now, "status", name)}
            />
          )}
        </Panel>
        <Panel title="Tokens over time" query={all} height={280}>
          {(data) => (
            <OverTime
              title="Tokens over time"
              over={byMeasure(data, { prompt: inputTokens, completion: outputTokens })}
              unit="count"
              kind="stacked"
              dimension="tokens"
            />
          )}
        </Panel>
        <Panel title="Latency" query={all} height={280}>
          {(data) => (
            <OverTime
              title="Latency"
              over={byMeasure(data, {
                p50: (of) => of.latency_ms?.p50 ?? null,
                p95: (of) => of.latency_ms?.p95 ?? null,
              })}
              unit="ms"
              kind="lined"
              dimension="percentile"
            />
          )}
        </Panel>
      </div>
      <TopSpenders />
      <Latest />
    </Page>
  );
}
