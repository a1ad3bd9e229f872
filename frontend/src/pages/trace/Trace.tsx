/** One trace: its spans as a tree beside their time, and the one that was picked. */
import { Skeleton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { useMemo } from "react";
import { chosenProject, get } from "../../api/client.ts";
import { Page } from "../../app/Shell.tsx";
import { Failure } from "../../ui/Panel.tsx";
import { Facts } from "./Facts.tsx";
import { Explorer } from "./Explorer.tsx";
import { grow, type Timeline } from "./tree.ts";
import "./trace.css";

const LIVE_SPANS = 2000;

export function Trace() {
  const { id } = useParams({ strict: false }) as { id: string };
  const path = `/api/v1/traces/${encodeURIComponent(id)}/timeline`;
  const answer = useQuery({
    queryKey: [chosenProject(), path],
    queryFn: ({ signal }) => get<Timeline>(path, {}, signal),
    staleTime: 60_000,
    // A large trace is not read anew each time anything arrives anywhere.
    enabled: (query) => (query.state.data?.span_count ?? 0) < LIVE_SPANS,
  });
  const tree = useMemo(() => (answer.data ? grow(answer.data) : null), [answer.data]);
  return (
    <Page title={answer.data ? (answer.data.name ?? "Trace") : "Trace"}>
      {tree ? (
        <>
          <Facts tree={tree} id={id} />
          <Explorer key={`${id} ${tree.count}`} tree={tree} traceId={id} />
        </>
      ) : answer.error ? (
        <Failure error={answer.error} retry={() => void answer.refetch()} height={200} />
      ) : (
        <div aria-busy>
          <Skeleton height={64} mb={12} />
          <Skeleton height={560} />
        </div>
      )}
    </Page>
  );
}
