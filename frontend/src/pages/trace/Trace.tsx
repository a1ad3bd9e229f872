/** One trace: its spans as a tree beside their time, and the one that was picked. */
import { IconChevronDown, IconChevronUp } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { useEffect, useMemo, useState } from "react";
import { whenIdle } from "../../app/idle.ts";
import { Page } from "../../app/Shell.tsx";
import { usePlace } from "../../app/place.ts";
import { AddToDataset } from "../../ui/AddToDataset.tsx";
import { AddToQueue } from "../../ui/AddToQueue.tsx";
import { Comments } from "../../ui/Comments.tsx";
import { Go } from "../../ui/Go.tsx";
import { Failure } from "../../ui/Panel.tsx";
import { Skeleton } from "../../ui/Skeleton.tsx";
import { carried } from "../../url.ts";
import { useNeighbours } from "../traces/neighbours.ts";
import { Conversation } from "./Conversation.tsx";
import { Facts } from "./Facts.tsx";
import { DRAWN_MS, Explorer } from "./Explorer.tsx";
import { timeline } from "./question.ts";
import { grow } from "./tree.ts";
import "./trace.css";

export function Trace() {
  const { id } = useParams({ strict: false }) as { id: string };
  const answer = useQuery(timeline(id));
  const { search, go } = usePlace();
  const [idle, setIdle] = useState(false);
  useEffect(
    () => (answer.isSuccess && !idle ? whenIdle(DRAWN_MS, () => setIdle(true)) : undefined),
    [answer.isSuccess, idle],
  );
  const near = useNeighbours(search, id, idle && answer.isSuccess);
  const to = (other: string | null | undefined) =>
    other
      ? () => go(`/traces/${other}`, Object.fromEntries(Object.entries(search).filter(([key]) => key !== "span")))
      : undefined;
  const tree = useMemo(() => (answer.data ? grow(answer.data) : null), [answer.data]);
  return (
    <Page title={answer.data ? (answer.data.name ?? "Trace") : "Trace"}>
      <div className="in-row">
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
      </div>
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
          <Skeleton height={76} />
          <Skeleton height={560} />
        </div>
      )}
    </Page>
  );
}
