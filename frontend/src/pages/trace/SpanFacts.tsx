/** A span in; its figures, its own and with all below, out. */
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import type { Schemas } from "../../api/client.ts";
import { usePlace } from "../../app/place.ts";
import { cellMoney, count, duration, exactMoney } from "../../format.ts";
import { carried } from "../../url.ts";
import { decimal } from "./exact.ts";
import type { Tree } from "./tree.ts";

const KINDS = ["unspecified", "internal", "server", "client", "producer", "consumer"];

export function SpanFacts({ tree, place, body }: { tree: Tree; place: number; body?: Schemas["SpanDetail"] }) {
  const { search } = usePlace();
  const spans = tree.told.span_columns;
  const all = decimal(tree.subtree[place] ?? null);
  const uncovered = tree.uncovered[place]!;
  const number = tree.call[place]!;
  const attempts = tree.attempts.get(place);
  return (
    <dl className="pairs">
      <Pair name="Duration">{duration(tree.duration[place]! / 1000)}</Pair>
      <Pair name="Starts after">{duration(tree.start[place]! / 1000)}</Pair>
      <Pair name="Status">
        {tree.failed[place] ? <span className="bad">error</span> : "ok"}
        {body?.status_message ? `: ${body.status_message}` : ""}
      </Pair>
      <Pair name="Subtree cost">
        <span title={exactMoney(all)}>{all === null ? (uncovered ? "— no price" : "—") : cellMoney(all)}</span>
        {uncovered > 0 && <span className="warn"> without {count(uncovered)} calls of unknown cost</span>}
      </Pair>
      {number >= 0 && <CallFacts tree={tree} place={place} number={number} />}
      {attempts && (
        <Pair name="Attempts">
          {attempts.number}, {attempts.wasted} wasted, {cellMoney(decimal(attempts.cost))}
        </Pair>
      )}
      <Pair name="Kind">{`${tree.role[place]}, ${KINDS[spans.kind[place] ?? 0] ?? ""}`}</Pair>
      {body?.scope && <Pair name="Told by">{`${body.scope} ${body.scope_version ?? ""}`}</Pair>}
      <Pair name="Below it">
        {count(tree.children[place])} directly, {count(tree.descendants[place])} in all
      </Pair>
      {tree.orphan[place] === 1 && body && (
        <Pair name="Parent">
          <span className="warn">never arrived</span> <span className="mono">{body.parent_span_id}</span>
        </Pair>
      )}
      {number >= 0 && (
        <Pair name="Request">
          <Link
            to={"/requests" as never}
            search={{ ...carried(search), peek: `${tree.told.trace_id}-${tree.ids[place]}` } as never}
          >
            As a request
          </Link>
        </Pair>
      )}
    </dl>
  );
}

function CallFacts({ tree, place, number }: { tree: Tree; place: number; number: number }) {
  const { call_columns: calls, texts } = tree.told;
  const text = (at: number | undefined) => texts[at ?? 0] || "—";
  const asked = text(calls.request_model[number]);
  const served = text(calls.response_model[number]);
  const own = decimal(tree.own[place] ?? null);
  const ttft = calls.ttft_us[number] ?? null;
  const status = text(calls.cost_status[number]);
  return (
    <>
      <Pair name="Own cost">
        {calls.restated[number] ? (
          <>
            counted in <OwnedBy id={calls.owner_id[number] ?? ""} />
          </>
        ) : (
          <span title={exactMoney(own)}>
            {own === null
              ? `— ${status === "unpriced" ? "no price" : status}`
              : `${status === "estimated" ? "≈ " : ""}${cellMoney(own)}`}
          </span>
        )}
      </Pair>
      <Pair name="Model">
        {text(calls.provider[number])} {served !== "—" && served !== asked ? `${asked} → ${served}` : asked}
      </Pair>
      <Pair name="Tokens">
        {count(calls.input_tokens[number])} in ({count(calls.cached_input_tokens[number])} cached),{" "}
        {count(calls.output_tokens[number])} out ({count(calls.reasoning_tokens[number])} reasoning)
      </Pair>
      <Pair name="First token">{ttft === null ? "—" : `after ${duration(ttft / 1000)}`}</Pair>
      {calls.error_type[number] ? <Pair name="Error">{text(calls.error_type[number])}</Pair> : null}
      {calls.finish_reason[number] ? <Pair name="Finished">{text(calls.finish_reason[number])}</Pair> : null}
    </>
  );
}

/** The id of a call is its trace's and its span's. */
function OwnedBy({ id }: { id: string }) {
  const [trace = "", span = ""] = id.split("-");
  return (
    <Link to={`/traces/${trace}` as never} search={{ span } as never} className="mono">
      {span.slice(0, 8)}
    </Link>
  );
}

function Pair({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
