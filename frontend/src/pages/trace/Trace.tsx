/** One trace: its spans as a tree beside their time, and the one that was picked. */
import { Group, Skeleton } from "@mantine/core";
import { IconChevronDown, IconChevronUp } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { useMemo } from "react";
import { Page } from "../../app/Shell.tsx";
import { usePlace } from "../../app/place.ts";
import { AddToDataset } from "../../ui/AddToDataset.tsx";
import { AddToQueue } from "../../ui/AddToQueue.tsx";
import { Comments } from "../../ui/Comments.tsx";
import { Go } from "../../ui/Go.tsx";
import { Failure } from "../../ui/Panel.tsx";
import { carried } from "../../url.ts";
import { useNeighbours } from "../traces/neighbours.ts";
import { Conversation } from "./Conversation.tsx";
import { Facts } from "./Facts.tsx";
import { Explorer } from "./Explorer.tsx";
import { timeline } from "./question.ts";
import { grow } from "./tree.ts";
import "./trace.css";

export function Trace() {
  const { id } = useParams({ strict: false }) as { id: string };
  const answer = useQuery(timeline(id));
  const { search, go } = usePlace();
  const near = useNeighbours(search, id, answer.isSuccess);
  const to = (other: string | null | undefined) =>
    other
      ? () => go(`/traces/${other}`, Object.fromEntries(Object.entries(search).filter(([key]) => key !== "span")))
      : undefined;
  const tree = useMemo(() => (answer.data ? grow(answer.data) : null), [answer.data]);
  return (
    <Page title={answer.data ? (answer.data.name ?? "Trace") : "Trace"}>
      <Group gap={8}>
        <Link to={"/traces" as never} search={carried(search) as never} className="go">
          All traces
        </Link>
        <Go title="Previous trace" act={to(near?.before)}>
          <IconChevronUp size={16} />
        </Go>
        <Go title="Next trace" act={to(near?.after)}>
          <IconChevronDown size={16} />
        </Go>
        <AddToDataset ids={() => [id]} />
        <AddToQueue key={id} id={id} />
      </Group>
      {tree ? (
        <>
          <Facts tree={tree} id={id} />
          <Conversation key={id} id={id} />
          <Comments key={`comments ${id}`} type="TRACE" id={id} />
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
