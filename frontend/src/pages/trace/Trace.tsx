/** One trace: its spans as a tree beside their time, and the one that was picked. */
import { Skeleton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { useMemo } from "react";
import { Page } from "../../app/Shell.tsx";
import { Failure } from "../../ui/Panel.tsx";
import { Facts } from "./Facts.tsx";
import { Explorer } from "./Explorer.tsx";
import { timeline } from "./question.ts";
import { grow } from "./tree.ts";
import "./trace.css";

export function Trace() {
  const { id } = useParams({ strict: false }) as { id: string };
  const answer = useQuery(timeline(id));
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
