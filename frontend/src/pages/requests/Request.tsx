/** One request as a page of its own, with the ways to the one before and after among those that pass the filters. */
import { Group, Skeleton } from "@mantine/core";
import { IconChevronDown, IconChevronUp } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { Page } from "../../app/Shell.tsx";
import { usePlace } from "../../app/place.ts";
import { Go } from "../../ui/Go.tsx";
import { Failure } from "../../ui/Panel.tsx";
import { costText, modelName } from "./columns.tsx";
import { Detail } from "./Detail.tsx";
import { useNeighbours } from "./neighbours.ts";
import { oneCall } from "./questions.ts";
import "./requests.css";

export function Request() {
  const { search, go } = usePlace();
  // Of this page's own route: the address may be that of the next page already.
  const { id } = useParams({ strict: false }) as { id: string };
  const answer = useQuery(oneCall(id));
  const call = answer.data;
  const near = useNeighbours(search, call);
  const to = (other: string | undefined) => other && (() => go(`/requests/${other}`, search));
  return (
    <Page title={call ? `${modelName(call)} · ${costText(call)}` : "Request"}>
      <Group gap={8}>
        <Link to={"/requests" as never} search={search as never} className="go">
          All requests
        </Link>
        <Go title="Newer request" act={to(near.newer) || undefined}>
          <IconChevronUp size={16} />
        </Go>
        <Go title="Older request" act={to(near.older) || undefined}>
          <IconChevronDown size={16} />
        </Go>
      </Group>
      <section className="panel request" aria-label="Request" aria-busy={answer.isPending}>
        {call ? (
          <Detail key={call.id} call={call} />
        ) : answer.error ? (
          <Failure error={answer.error} retry={() => void answer.refetch()} />
        ) : (
          <Skeleton height={600} />
        )}
      </section>
    </Page>
  );
}
