/** Messages in; a conversation, or why there is none, out. */
import { Json, Leaf } from "./Json.tsx";
import type { Message } from "./messages.ts";

export function Chat({ messages, what }: { messages: readonly Message[]; what: "input" | "output" }) {
  if (!messages.length) {
    return (
      <p className="muted">
        No {what} is kept: the server removes the content of messages before it writes anything to disk. Costs, tokens
        and times don't need it.
      </p>
    );
  }
  return (
    <ol className="chat">
      {messages.map((message, at) => (
        <li key={at} data-role={message.role}>
          <h4>{message.role}</h4>
          {message.parts.map((part, number) =>
            typeof part === "object" && part !== null ? (
              <Json key={number} value={part} />
            ) : (
              <p key={number}>
                <Leaf value={part} />
              </p>
            ),
          )}
        </li>
      ))}
    </ol>
  );
}
