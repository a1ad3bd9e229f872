/** One call in; all that is known of it, what nobody told included, out. */
import { Button, Group, TextInput } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { type ReactNode, useState } from "react";
import type { CallDetail } from "../../api/questions.ts";
import { usePlace } from "../../app/place.ts";
import { count, duration, moment } from "../../format.ts";
import { RowButton } from "../../ui/RowButton.tsx";
import { carried, type Search, withFilter, withoutFilters, zoneOf } from "../../url.ts";
import { ScoreChips } from "../../ui/ScoreChips.tsx";
import { AddToDataset } from "../../ui/AddToDataset.tsx";
import { Chat } from "../../ui/Chat.tsx";
import { modelName, outcome } from "./columns.tsx";
import { Ledger } from "./Ledger.tsx";
import { similar } from "./list.ts";

export function Detail({ call }: { call: CallDetail }) {
  const { search, go } = usePlace();
  const zone = zoneOf(search);
  const narrow = (next: Search) => go("/requests", next);
  return (
    <div className="detail">
      <Group gap={6}>
        <Link
          to={`/traces/${call.trace_id}` as never}
          search={{ ...carried(search), span: call.span_id } as never}
          className="go"
        >
          Open trace
        </Link>
        <Button
          variant="default"
          size="compact-sm"
          onClick={() => narrow({ ...withoutFilters(carried(search)), ...similar(call) })}
        >
          Find similar
        </Button>
        <AddToDataset ids={() => [call.id]} />
        <Copy text={call.id}>Copy id</Copy>
        <Copy text={JSON.stringify(call, null, 2)}>Copy JSON</Copy>
      </Group>
      <dl className="facts">
        <Fact title="Request ID">
          <span className="mono">{call.external_request_id ?? call.response_id ?? call.id}</span>
        </Fact>
        <Fact title="Time">
          <time dateTime={call.start_time} title={call.start_time}>
            {moment(call.start_time, zone)} {zone}
          </time>
        </Fact>
        <Fact title="Status">{call.status === "ok" ? "ok" : <span className="failed">✕ {outcome(call)}</span>}</Fact>
        <Fact title="Provider / Model">
          {call.provider ?? "—"} / {modelName(call)}
        </Fact>
        <Fact title="Answered by">{call.response_model}</Fact>
        <Fact title="Config / Variant">
          {call.config || call.variant ? `${call.config ?? "—"} / ${call.variant ?? "—"}` : null}
        </Fact>
        <Fact title="Environment">{call.environment}</Fact>
        <Fact title="Feature">{call.feature}</Fact>
        <Fact title="User">{call.user_id}</Fact>
        <Fact title="Session">{call.session_id}</Fact>
        <Fact title="Team / Tenant">
          {call.team || call.tenant ? `${call.team ?? "—"} / ${call.tenant ?? "—"}` : null}
        </Fact>
        <Fact title="Prompt version">{call.prompt_version}</Fact>
        <Fact title="Streaming">{call.streaming === null ? null : call.streaming ? "yes" : "no"}</Fact>
        <Fact title="Finish reason">{call.finish_reason}</Fact>
        <Fact title="Service tier">{call.service_tier ?? call.requested_service_tier}</Fact>
      </dl>
      <h3>Token usage</h3>
      <Usage call={call} />
      <h3>Cost</h3>
      <Ledger call={call} />
      <h3>Latency</h3>
      <Latency ms={call.latency_ms} ttft={call.ttft_ms} />
      <h3>Tags</h3>
      {Object.keys(call.tags).length === 0 && <p className="muted small">None.</p>}
      <Group gap={6}>
        {Object.entries(call.tags).map(([key, value]) => (
          <RowButton
            key={key}
            variant="default"
            title={`Only ${key} = ${value}`}
            onClick={() => narrow(withFilter(carried(search), `tag.${key}`, value))}
          >
            {key} = {value}
          </RowButton>
        ))}
      </Group>
      <h3>Scores</h3>
      <ScoreChips of={call.scores ?? []} own={call.span_id} />
      <h3>Messages</h3>
      <Messages call={call} />
      <Duplicates call={call} />
      <Attributes title="Attributes" of={call.attributes} />
      <Attributes title="Resource" of={call.resource} />
    </div>
  );
}

function Fact({ title, children }: { title: string; children: ReactNode }) {
  return (
    <div>
      <dt>{title}</dt>
      <dd>{children ?? <span className="muted">—</span>}</dd>
    </div>
  );
}

function Copy({ text, children }: { text: string; children: string }) {
  const [done, setDone] = useState(false);
  return (
    <Button
      variant="default"
      size="compact-sm"
      onClick={() => void navigator.clipboard.writeText(text).then(() => setDone(true))}
    >
      {done ? "Copied" : children}
    </Button>
  );
}

function Usage({ call }: { call: CallDetail }) {
  const known = call.input_tokens !== null && call.output_tokens !== null;
  return (
    <>
      <dl className="facts">
        <Fact title="Prompt">{count(call.input_tokens)}</Fact>
        <Fact title="of it cached">{count(call.cached_input_tokens)}</Fact>
        <Fact title="of it written to the cache">{count(call.cache_write_tokens)}</Fact>
        <Fact title="Completion">{count(call.output_tokens)}</Fact>
        <Fact title="of it reasoning">{count(call.reasoning_tokens)}</Fact>
        <Fact title="Total">{known ? count((call.input_tokens ?? 0) + (call.output_tokens ?? 0)) : null}</Fact>
      </dl>
      <p className="muted small">
        {call.usage_source === "provider" && "As the provider reported it. "}
        {call.usage_source === "estimated" && "Estimated: the provider's own figures were not passed on. "}
        {call.usage_source === "missing" && "Nobody reported it. "}
        {call.usage_rule}
      </p>
      {call.usage_flags.length > 0 && (
        <p className="notice">What was reported contradicts itself: {call.usage_flags.join(", ")}.</p>
      )}
    </>
  );
}

/** How long, and how much of it passed before the first token. */
function Latency({ ms, ttft }: { ms: number; ttft: number | null }) {
  const share = ttft === null || ms <= 0 ? 0 : Math.min(100, (100 * ttft) / ms);
  return (
    <>
      <div className="latency" role="img" aria-label={`${duration(ms)}, first token after ${duration(ttft)}`}>
        <i style={{ width: `${share}%` }} />
      </div>
      <p className="muted small">
        {duration(ms)} in all;{" "}
        {ttft === null ? "when the first token came was not reported" : `first token after ${duration(ttft)}`}.
      </p>
    </>
  );
}

function Messages({ call }: { call: CallDetail }) {
  if (!call.messages) return <Chat said={call} what="input" />;
  return (
    <>
      <h4>Input</h4>
      <Chat said={call} what="input" />
      <h4>Output</h4>
      <Chat said={call} what="output" />
    </>
  );
}

function Duplicates({ call }: { call: CallDetail }) {
  if (!call.duplicates.length) return null;
  return (
    <>
      <h3>Told more than once</h3>
      <ul className="small">
        {call.duplicates.map((one) => (
          <li key={one.id}>
            <Link to={`/requests/${one.id}` as never}>
              {one.dialect} <span className="mono">{one.id}</span>
            </Link>
          </li>
        ))}
      </ul>
    </>
  );
}

/** Drawn only when opened: a call can carry thousands. */
function Attributes({ title, of }: { title: string; of: Record<string, unknown> | null }) {
  const [open, setOpen] = useState(false);
  const [text, setText] = useState("");
  if (!of) return null;
  const found = Object.entries(of).filter(([key, value]) =>
    `${key} ${String(value)}`.toLowerCase().includes(text.toLowerCase()),
  );
  return (
    <details className="attributes" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        {title} ({Object.keys(of).length})
      </summary>
      {open && (
        <>
          <TextInput
            aria-label={`Search ${title.toLowerCase()}`}
            placeholder="Search"
            size="xs"
            value={text}
            onChange={(event) => setText(event.currentTarget.value)}
          />
          <pre className="json">{JSON.stringify(Object.fromEntries(found), null, 2)}</pre>
        </>
      )}
    </details>
  );
}
