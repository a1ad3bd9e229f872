/** The rows of a list that somebody marks, in; what they cost together and what can be done with them, out. */
import { Button } from "@mantine/core";
import { useEffect, useMemo, useRef, useState } from "react";
import type { Call } from "../../api/questions.ts";
import { sum } from "../../decimal.ts";
import { count, exactMoney, money, moment } from "../../format.ts";
import { AddToDataset } from "../../ui/AddToDataset.tsx";
import type { Column } from "../../ui/table/Grid.tsx";
import type { Pages } from "../../ui/table/pages.ts";

export interface Selection {
  marked: ReadonlyMap<string, Call>;
  mark: (call: Call, extend?: boolean) => void;
  clear: () => void;
}

/** `about` says what the list is of: other filters begin anew, rows that come in don't. */
export function useSelection(about: string, rows: Pages<Call>): Selection {
  const [marked, setMarked] = useState<ReadonlyMap<string, Call>>(new Map());
  const last = useRef<string | null>(null);
  const clear = () => {
    last.current = null;
    setMarked(new Map());
  };
  useEffect(clear, [about]);
  const mark = (call: Call, extend = false) => {
    const next = new Map(marked);
    const on = !marked.has(call.id);
    for (const one of extend ? between(rows, last.current, call) : [call]) {
      if (on) next.set(one.id, one);
      else next.delete(one.id);
    }
    last.current = call.id;
    setMarked(next);
  };
  return { marked, mark, clear };
}

/** All from the one that was marked last to this one, as far as they are read. */
function between(rows: Pages<Call>, from: string | null, to: Call): Call[] {
  const [start, end] = [from, to.id].map((id) => rows.find((row) => row.id === id));
  if (start === undefined || end === undefined || start < 0 || end < 0) return [to];
  const [low, high] = start < end ? [start, end] : [end, start];
  return Array.from({ length: high - low + 1 }, (_, step) => rows.row(low + step)).filter((row) => row !== undefined);
}

/** Stands before all columns and is none of those that are chosen. */
export function useMarkColumn({ marked, mark }: Selection, zone: string): Column<Call> {
  return useMemo(
    () => ({
      key: "mark",
      title: "",
      width: 34,
      cell: (call) => (
        <label className="mark-box">
          <input
            type="checkbox"
            tabIndex={-1}
            aria-label={`Mark the request of ${moment(call.start_time, zone)}`}
            checked={marked.has(call.id)}
            onChange={(event) => mark(call, (event.nativeEvent as MouseEvent).shiftKey)}
          />
        </label>
      ),
      hint: () => "Mark it (m); with Shift all up to here",
    }),
    [marked, mark, zone],
  );
}

export function Marked({ of: { marked, clear } }: { of: Selection }) {
  const calls = [...marked.values()];
  const cost = sum(calls.map((call) => call.cost_usd));
  const unknown = calls.filter((call) => call.cost_usd === null).length;
  const copy = (text: string) => void navigator.clipboard.writeText(text);
  return (
    <span className="marked">
      <span role="status">
        <strong>{count(calls.length)} marked</strong>
        {cost !== null && (
          <span title={exactMoney(cost)} data-exact={cost}>
            {", "}
            {money(cost)}
          </span>
        )}
        {unknown > 0 && <span className="warn-text">, {count(unknown)} of unknown cost</span>}
      </span>
      <AddToDataset ids={() => [...marked.keys()]} />
      <Button variant="default" size="compact-sm" mih={26} onClick={() => copy([...marked.keys()].join("\n"))}>
        Copy ids
      </Button>
      <Button variant="default" size="compact-sm" mih={26} onClick={() => copy(JSON.stringify(calls, null, 2))}>
        Copy JSON
      </Button>
      <Button variant="subtle" color="gray" size="compact-sm" mih={26} onClick={clear}>
        Unmark all
      </Button>
    </span>
  );
}
