/** Any value in; a foldable tree of it, in which long binary data is named and not printed, out. */
import { useState } from "react";
import { binary, parsed } from "./blobs.ts";
import "./chat.css";

const OPEN_DEPTH = 2;
const MOST_SHOWN = 200;
const LONG = 1500;

export function Json({ value, name, depth = 0 }: { value: unknown; name?: string; depth?: number }) {
  const told = parsed(value);
  if (typeof told !== "object" || told === null) {
    return (
      <div className="leaf">
        {name !== undefined && <span className="key">{name}: </span>}
        <Leaf value={told} />
      </div>
    );
  }
  return <Branch value={told as Record<string, unknown>} name={name} depth={depth} />;
}

function Branch({ value, name, depth }: { value: Record<string, unknown>; name?: string; depth: number }) {
  const [all, setAll] = useState(false);
  const [open, setOpen] = useState(depth < OPEN_DEPTH);
  const entries = Object.entries(value);
  const list = Array.isArray(value);
  return (
    <details className="branch" open={open} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        {name !== undefined && <span className="key">{name} </span>}
        <span className="muted">{list ? `[${entries.length}]` : `{${entries.length}}`}</span>
      </summary>
      {open &&
        entries
          .slice(0, all ? undefined : MOST_SHOWN)
          .map(([key, one]) => <Json key={key} name={key} value={one} depth={depth + 1} />)}
      {open && !all && entries.length > MOST_SHOWN && (
        <button type="button" className="more" onClick={() => setAll(true)}>
          {entries.length - MOST_SHOWN} more
        </button>
      )}
    </details>
  );
}

export function Leaf({ value }: { value: unknown }) {
  const [all, setAll] = useState(false);
  if (typeof value !== "string") return <span className="atom">{String(value)}</span>;
  const blob = binary(value);
  if (blob) return <span className="muted">{blob}, not shown</span>;
  return (
    <span className="text">
      {all ? value : value.slice(0, LONG)}
      {!all && value.length > LONG && (
        <button type="button" className="more" onClick={() => setAll(true)}>
          … {value.length - LONG} more characters
        </button>
      )}
    </span>
  );
}
