/** A span in; all that is known of it, by tabs, out. */
import { CloseButton, Skeleton, Tabs } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { Schemas } from "../../api/client.ts";
import { type CallDetail, question } from "../../api/questions.ts";
import { Chat } from "../../ui/Chat.tsx";
import { Failure } from "../../ui/Panel.tsx";
import { Attributes } from "./Attributes.tsx";
import { Copy } from "./Copy.tsx";
import { Cost } from "./Cost.tsx";
import { SpanFacts } from "./SpanFacts.tsx";
import type { Tree } from "./tree.ts";

interface SpanEvent {
  name: string;
  time: string;
  attributes: Record<string, unknown>;
}

interface DetailProps {
  tree: Tree;
  place: number;
  traceId: string;
  close: () => void;
}

/** Which tab was looked at last is kept from span to span. */
let lastTab = "overview";

export function Detail({ tree, place, traceId, close }: DetailProps) {
  const [tab, setTab] = useState(lastTab);
  const spanId = tree.ids[place] ?? "";
  const isCall = tree.call[place]! >= 0;
  const body = useQuery(question<Schemas["SpanDetail"]>(`/api/v1/spans/${traceId}/${spanId}`));
  const call = useQuery({
    ...question<CallDetail>(`/api/v1/calls/${traceId}-${spanId}`),
    enabled: isCall && (tab === "cost" || tab === "input" || tab === "output"),
  });
  const fresh = body.data && body.data.span_id === spanId ? body.data : undefined;
  const scores = tree.told.scores.filter((score) => score.span_id === spanId);
  const choose = (next: string | null) => {
    lastTab = next ?? "overview";
    setTab(lastTab);
  };
  const events = (fresh?.events ?? []) as unknown as SpanEvent[];
  const waiting = body.error ? (
    <Failure error={body.error} retry={() => void body.refetch()} />
  ) : (
    <Skeleton height={180} />
  );
  return (
    <aside className="panel span-detail" aria-label="The span" aria-busy={!fresh}>
      <header>
        <h2 title={tree.names[place]}>{tree.names[place]}</h2>
        <CloseButton aria-label="Close the span (Escape)" size={26} onClick={close} />
      </header>
      <p className="muted ids">
        span <Copy text={spanId} /> <Copy text={window.location.href} label="copy link" />
      </p>
      <Tabs value={tab} onChange={choose} keepMounted={false}>
        <Tabs.List>
          <Tabs.Tab value="overview">Overview</Tabs.Tab>
          <Tabs.Tab value="input">Input</Tabs.Tab>
          <Tabs.Tab value="output">Output</Tabs.Tab>
          <Tabs.Tab value="attributes">Attributes</Tabs.Tab>
          <Tabs.Tab value="events">Events{events.length ? ` (${events.length})` : ""}</Tabs.Tab>
          <Tabs.Tab value="cost">Cost</Tabs.Tab>
          <Tabs.Tab value="scores">Scores{scores.length ? ` (${scores.length})` : ""}</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="overview">
          <SpanFacts tree={tree} place={place} body={fresh} />
        </Tabs.Panel>
        <Tabs.Panel value="input">{fresh ? <Chat said={fresh} what="input" /> : waiting}</Tabs.Panel>
        <Tabs.Panel value="output">{fresh ? <Chat said={fresh} what="output" /> : waiting}</Tabs.Panel>
        <Tabs.Panel value="attributes">
          {fresh ? <Attributes own={fresh.attributes} resource={fresh.resource} /> : waiting}
        </Tabs.Panel>
        <Tabs.Panel value="events">{fresh ? <Events events={events} /> : waiting}</Tabs.Panel>
        <Tabs.Panel value="cost">
          <Cost tree={tree} place={place} query={call} />
        </Tabs.Panel>
        <Tabs.Panel value="scores">
          <Scores scores={scores} />
        </Tabs.Panel>
      </Tabs>
    </aside>
  );
}

function Events({ events }: { events: SpanEvent[] }) {
  if (!events.length) return <p className="muted">The span tells of no events.</p>;
  return (
    <ol className="chat">
      {events.map((event, at) => (
        <li key={at}>
          <h4>
            {event.name} <time className="muted">{event.time}</time>
          </h4>
          <Attributes own={event.attributes} />
        </li>
      ))}
    </ol>
  );
}

function Scores({ scores }: { scores: Schemas["Score"][] }) {
  if (!scores.length) return <p className="muted">Nobody has judged this span.</p>;
  return (
    <table className="plain">
      <thead>
        <tr>
          <th scope="col">Score</th>
          <th scope="col" className="r">
            Value
          </th>
          <th scope="col">Label</th>
          <th scope="col">Why</th>
        </tr>
      </thead>
      <tbody>
        {scores.map((score, at) => (
          <tr key={at}>
            <td>{score.name}</td>
            <td className="r">{score.value ?? "—"}</td>
            <td>{score.label ?? "—"}</td>
            <td>{score.explanation ?? ""}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
