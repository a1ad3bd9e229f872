/** One session: its sums, its models, and its traces in order. */
import { Skeleton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { useMemo } from "react";
import type { Schemas } from "../../api/client.ts";
import { question } from "../../api/questions.ts";
import { Page } from "../../app/Shell.tsx";
import { usePlace } from "../../app/place.ts";
import { count, duration, moment } from "../../format.ts";
import { Failure } from "../../ui/Panel.tsx";
import { asked, carried, withFilter, zoneOf } from "../../url.ts";
import { Listing } from "../../ui/table/Listing.tsx";
import { type Trace, traceColumns, traceHref, traceId } from "../traces/columns.tsx";
import { Breakdown } from "./Breakdown.tsx";
import { Totals } from "./Totals.tsx";

const tracesOf = (told: unknown) => (told as Schemas["SessionDetail"]).traces;

export function Session() {
  const { id } = useParams({ strict: false }) as { id: string };
  const { search } = usePlace();
  const path = `/api/v1/sessions/${encodeURIComponent(id)}`;
  const answer = useQuery(question<Schemas["SessionDetail"]>(path, { ...asked(search), limit: "1" }));
  const columns = useMemo(() => traceColumns(zoneOf(search), carried(search)), [search]);
  const requests = withFilter(carried(search), "session", id);
  const of = answer.data;
  return (
    <Page title={`Session ${id}`} ranged>
      {of ? (
        <>
          <Totals
            of={of}
            requests={requests}
            last={{
              title: "Lasted",
              value: duration(of.duration_ms),
              sub: `from ${moment(of.first_seen, zoneOf(search))}, ${count(of.trace_count)} ${of.trace_count === 1 ? "trace" : "traces"}`,
            }}
          />
          <Breakdown title="By model" by="model" groups={of.by_model} requests={requests} />
        </>
      ) : answer.error ? (
        <Failure error={answer.error} retry={() => void answer.refetch()} height={120} />
      ) : (
        <div aria-busy>
          <Skeleton height={120} />
        </div>
      )}
      {of && (
        <Listing<Trace>
          label="Traces in order"
          name="traces"
          within
          path={path}
          parameters={{ ...asked(search), limit: "100" }}
          columns={columns}
          idOf={traceId}
          hrefOf={traceHref}
          pageOf={tracesOf}
          empty="No trace of this session is in this range."
        />
      )}
    </Page>
  );
}
