/** What was said in; a conversation, or why there is none and how there would be one, out. */
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import type { Schemas } from "../api/client.ts";
import { Json, Leaf } from "./Json.tsx";
import "./chat.css";

type Message = Schemas["Message"];
type Part = Schemas["Part"];
export type Said = Pick<Schemas["SpanDetail"], "messages" | "no_messages_because">;

/** A conversation repeats all that was said before: what is new stands at its end. */
const MOST_SHOWN = 30;

export function Chat({ said, what }: { said: Said; what: "input" | "output" }) {
  const told = said.messages;
  if (!told) return <NotKept why={said.no_messages_because} />;
  const messages = told[what];
  const system = what === "input" ? told.system : [];
  return (
    <>
      {told.cut && <p className="notice">Some of it was too long to be kept; what was cut says so.</p>}
      {system.length > 0 && (
        <ol className="chat">
          <Says message={{ role: "system", parts: system }} />
        </ol>
      )}
      {messages.length || system.length ? (
        <Messages of={messages} />
      ) : (
        <p className="muted">No {what} was told with it.</p>
      )}
      {what === "input" && told.tools.length > 0 && (
        <details className="tools">
          <summary>Tools on offer ({told.tools.length})</summary>
          <Json value={told.tools} />
        </details>
      )}
    </>
  );
}

function NotKept({ why }: { why: string | null }) {
  return (
    <p className="muted">
      {why ?? "Nothing that was said is kept."}{" "}
      {why?.includes("farthing keys") && <Link to={"/settings/keys" as never}>Keys</Link>}
    </p>
  );
}

function Messages({ of }: { of: readonly Message[] }) {
  const [all, setAll] = useState(false);
  const hidden = all ? 0 : Math.max(0, of.length - MOST_SHOWN);
  return (
    <>
      {hidden > 0 && (
        <button type="button" className="more" onClick={() => setAll(true)}>
          {hidden} earlier messages
        </button>
      )}
      <ol className="chat" start={hidden + 1}>
        {of.slice(hidden).map((message, at) => (
          <Says key={hidden + at} message={message} />
        ))}
      </ol>
    </>
  );
}

function Says({ message }: { message: Message }) {
  const why = message.finish_reason;
  return (
    <li data-role={message.role}>
      <h4>
        {message.role}
        {message.name ? ` ${message.name}` : ""}
        {why ? <span className="muted"> ended: {why}</span> : ""}
      </h4>
      {(message.parts ?? []).map((part, at) => (
        <Piece key={at} part={part} />
      ))}
    </li>
  );
}

function Piece({ part }: { part: Part }) {
  if (part.type === "text") {
    return (
      <p>
        <Leaf value={part.text ?? ""} />
      </p>
    );
  }
  const rest = part.value ?? null;
  return (
    <div className="piece">
      <h5>{title(part)}</h5>
      {part.text && (
        <p>
          <Leaf value={part.text} />
        </p>
      )}
      {rest !== null && <Json value={rest} />}
    </div>
  );
}

function title(part: Part): string {
  const name = part.name ?? part.id ?? "";
  if (part.type === "tool_call") return `calls ${part.name ?? "a tool"}`;
  if (part.type === "tool_result") return `result of ${name || "a tool"}`;
  if (part.type === "json") return "data";
  return name && part.type !== "reasoning" ? `${part.type}, ${name}` : part.type;
}
