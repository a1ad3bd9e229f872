/** All requests that pass the filters: their sums, the list itself, and the one that is looked at beside it. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useMemo, useRef, useState } from "react";
import type { Call } from "../../api/questions.ts";
import { Page } from "../../app/Shell.tsx";
import { usePlace } from "../../app/place.ts";
import { count, moment } from "../../format.ts";
import { AddToDataset } from "../../ui/AddToDataset.tsx";
import { Empty } from "../../ui/Empty.tsx";
import { Failure } from "../../ui/Panel.tsx";
import { ColumnsMenu, movedBefore } from "../../ui/table/ColumnsMenu.tsx";
import { useFresh } from "../../ui/table/fresh.ts";
import { Grid } from "../../ui/table/Grid.tsx";
import type { Act } from "../../ui/table/keys.ts";
import { useLayout } from "../../ui/table/layout.ts";
import type { Pages } from "../../ui/table/pages.ts";
import { usePages } from "../../ui/table/usePages.ts";
import { carried, first, withFilter, zoneOf } from "../../url.ts";
import { columnsIn } from "./columns.tsx";
import { listed, NEWEST_FIRST, sortOf, startOf } from "./list.ts";
import { Export, Jump, Views } from "./Menus.tsx";
import { useNeighbours } from "./neighbours.ts";
import { Peek } from "./Peek.tsx";
import { Marked, useMarkColumn, useSelection } from "./selection.tsx";
import { asking, head, oneCall } from "./questions.ts";
import { Summary } from "./Summary.tsx";
import "./requests.css";

const idOf = (call: Call) => call.id;
const PAGE_OF_NEW = 100;

export function Requests() {
  const { search, change } = usePlace();
  const queries = useQueryClient();
  const zone = zoneOf(search);
  const columns = useMemo(() => columnsIn(zone), [zone]);
  const layout = useLayout("requests", columns);
  const scroller = useRef<HTMLDivElement>(null);
  const [turn, setTurn] = useState(0);
  const scores = layout.shown.some((one) => one.key === "scores");
  const about = JSON.stringify(listed(search, scores));
  const { rows, stale } = usePages<Call>(`${about} ${turn}`, asking(queries, search, scores));
  const selection = useSelection(about, rows);
  const marks = useMarkColumn(selection, zone);
  const [active, setActive] = useState(0);
  const peek = first(search, "peek");
  const start = startOf(search);
  const newest = useQuery(head(search, scores));
  const tail = sortOf(search) === NEWEST_FIRST && !start && !stale && !newest.isPlaceholderData;
  const fresh = useFresh({
    rows,
    newest: tail ? newest.data?.data : undefined,
    idOf,
    insert: () => setTurn(turn + 1),
    scroller,
    looking: peek !== undefined,
  });
  useEffect(() => {
    setActive(Math.max(0, peek === undefined ? 0 : rows.find((row) => row.id === peek)));
    // Another list, not another row of it.
  }, [rows]);
  const look = (id: string) => change((now) => ({ ...now, peek: id }), { replace: peek !== undefined });
  const close = () => {
    if (peek === undefined) return;
    change(({ peek: _, ...rest }) => rest);
    scroller.current?.querySelector<HTMLElement>('[tabindex="0"]')?.focus({ preventScroll: true });
  };
  const act = useActs(look, close, selection.mark);
  const move = (place: number) => {
    setActive(place);
    const row = rows.row(place);
    if (peek !== undefined && row && row.id !== peek) look(row.id);
  };
  const jump = (at: string) => change((now) => ({ ...now, at, sort: sortOf(now).replace(/^-.*/, NEWEST_FIRST) }));
  return (
    <Page title="Requests" ranged>
      <Summary onJump={jump} />
      <div className="list-actions">
        {start && (
          <span className="chip">
            from {moment(start, zone)} on
            <button type="button" aria-label="Back to the beginning" onClick={() => change(({ at: _, ...now }) => now)}>
              ×
            </button>
          </span>
        )}
        {fresh > 0 && (
          <button type="button" className="fresh" onClick={() => setTurn(turn + 1)}>
            {fresh >= PAGE_OF_NEW ? `${PAGE_OF_NEW} or more` : count(fresh)} new {fresh === 1 ? "request" : "requests"}
          </button>
        )}
        {selection.marked.size > 0 && <Marked of={selection} />}
        <span role="status" className="sr-only">
          {fresh > 0 && "New requests have come in."}
        </span>
        <span className="right">
          <Jump onJump={jump} />
          <Views cols={layout.shown.map((one) => one.key)} />
          <ColumnsMenu columns={columns} layout={layout} />
          {selection.marked.size === 0 && <AddToDataset ids={() => idsOf(rows)} />}
          <Export />
        </span>
      </div>
      {rows.error && <Failure error={rows.error} retry={() => rows.retry()} />}
      <div className="beside">
        <Grid
          label="Requests"
          rows={rows}
          columns={[marks, ...layout.shown]}
          widths={layout.widths}
          onResize={layout.resize}
          onMove={(key, before) =>
            layout.show(
              movedBefore(
                layout.shown.map((one) => one.key),
                key,
                before,
              ),
            )
          }
          sort={sortOf(search)}
          onSort={(sort) => change(({ at: _, peek: __, ...now }) => ({ ...now, sort }))}
          active={active}
          onActive={move}
          idOf={idOf}
          picked={peek}
          marked={selection.marked}
          act={act}
          busy={stale}
          scroller={scroller}
          empty={<Empty />}
        />
        {peek !== undefined && <Beside id={peek} rows={rows} look={look} close={close} move={move} />}
      </div>
    </Page>
  );
}

/** Of those that are read already: filters and the list's order say which come first. */
function idsOf(rows: Pages<Call>): string[] {
  return Array.from({ length: rows.count }, (_, place) => rows.row(place)?.id).filter((id) => id !== undefined);
}

interface BesideProps {
  id: string;
  rows: Pages<Call>;
  look: (id: string) => void;
  close: () => void;
  move: (place: number) => void;
}

/** Next and previous walk the list; a call that isn't in what is loaded has its neighbours in time. */
function Beside({ id, rows, look, close, move }: BesideProps) {
  const { search } = usePlace();
  const place = rows.find((row) => row.id === id);
  const call = useQuery({ ...oneCall(id), enabled: place < 0 }).data;
  const inTime = place < 0 && sortOf(search).endsWith("start_time");
  const near = useNeighbours(search, inTime ? call : undefined);
  const [before, after] = sortOf(search) === NEWEST_FIRST ? [near.newer, near.older] : [near.older, near.newer];
  const to = (by: number, other: string | undefined) => {
    if (place >= 0) return rows.row(place + by) && (() => move(place + by));
    return other ? () => look(other) : undefined;
  };
  return <Peek id={id} before={to(-1, before)} after={to(1, after)} close={close} />;
}

function useActs(look: (id: string) => void, close: () => void, mark: (call: Call) => void): Act<Call> {
  const { search, change, go } = usePlace();
  const { peek: _, ...rest } = search;
  return {
    open: (call) => go(`/requests/${call.id}`, rest),
    peek: (call) => (search.peek === call.id ? close() : look(call.id)),
    close,
    mark,
    trace: (call) => go(`/traces/${call.trace_id}`, { ...carried(search), span: call.span_id }),
    copyId: (call) => void navigator.clipboard.writeText(call.id),
    copyRow: (call) => void navigator.clipboard.writeText(JSON.stringify(call, null, 2)),
    filter: (name, value) => change((now) => withFilter(now, name, value)),
  };
}
