/** A list's address and columns in; a table that reads on as one scrolls, whose rows are pages of their own, out. */
import { Button } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useRef, useState } from "react";
import { question } from "../../api/questions.ts";
import { usePlace } from "../../app/place.ts";
import { count } from "../../format.ts";
import { carried, type Search, withFilter } from "../../url.ts";
import { Failure } from "../Panel.tsx";
import { ColumnsMenu, movedBefore } from "./ColumnsMenu.tsx";
import { useFresh } from "./fresh.ts";
import { type Column, Grid } from "./Grid.tsx";
import type { Act } from "./keys.ts";
import { useLayout } from "./layout.ts";
import type { PageOf } from "./pages.ts";
import { usePages } from "./usePages.ts";

interface ListingProps<Row> {
  label: string;
  /** Under which the columns are kept. */
  name: string;
  path: string;
  parameters: Search;
  columns: readonly Column<Row>[];
  idOf: (row: Row) => string;
  hrefOf: (row: Row) => string;
  /** Where the page is in the answer, if it isn't the answer itself. */
  pageOf?: (answer: unknown) => PageOf<Row>;
  sort?: string;
  onSort?: (sort: string) => void;
  /** Among other things of a page it has a height of its own. */
  within?: boolean;
  empty: ReactNode;
}

const itself = (answer: unknown) => answer as never;
const nothing = () => undefined;

export function Listing<Row>(props: ListingProps<Row>) {
  const { label, path, parameters, idOf, pageOf = itself, sort = "", onSort = nothing, within = false, empty } = props;
  const queries = useQueryClient();
  const layout = useLayout(props.name, props.columns);
  const scroller = useRef<HTMLDivElement>(null);
  const [turn, setTurn] = useState(0);
  const [active, setActive] = useState(0);
  const { rows, stale } = usePages<Row>(JSON.stringify([path, parameters, turn]), async (cursor) =>
    pageOf(await queries.fetchQuery(question<unknown>(path, cursor === null ? parameters : { ...parameters, cursor }))),
  );
  const head = useQuery(question<unknown>(path, parameters));
  const insert = () => setTurn(turn + 1);
  const newest = head.data !== undefined && !head.isPlaceholderData && !stale ? pageOf(head.data).data : undefined;
  const fresh = useFresh({ rows, newest, idOf, insert, scroller });
  const act = useActs(props);
  const shown = layout.shown.map((one) => one.key);
  return (
    <section className={within ? "listing within" : "listing"} aria-label={label}>
      <div className="actions">
        <span className="muted" aria-live="polite">
          {rows.ready && `${count(rows.count)} ${rows.ended ? "in all" : "so far"}`}
        </span>
        {fresh > 0 && (
          <Button size="compact-sm" mih={26} variant="light" onClick={insert}>
            {count(fresh)} new
          </Button>
        )}
        <span className="right">
          <ColumnsMenu columns={props.columns} layout={layout} />
        </span>
      </div>
      {rows.error && <Failure error={rows.error} retry={() => rows.retry()} />}
      <Grid
        label={label}
        rows={rows}
        columns={layout.shown}
        widths={layout.widths}
        onResize={layout.resize}
        onMove={(key, before) => layout.show(movedBefore(shown, key, before))}
        sort={sort}
        onSort={onSort}
        active={active}
        onActive={setActive}
        idOf={idOf}
        picked={undefined}
        act={act}
        busy={stale}
        scroller={scroller}
        empty={<div className="empty">{empty}</div>}
      />
    </section>
  );
}

/** A row has nothing beside the list: looking at it opens it. */
function useActs<Row>({ idOf, hrefOf }: ListingProps<Row>): Act<Row> {
  const { search, change, go } = usePlace();
  const open = (row: Row) => go(hrefOf(row), carried(search));
  return {
    open,
    peek: open,
    trace: open,
    close: nothing,
    copyId: (row) => void navigator.clipboard.writeText(idOf(row)),
    copyRow: (row) => void navigator.clipboard.writeText(JSON.stringify(row, null, 2)),
    filter: (name, value) => change((now) => withFilter(now, name, value)),
  };
}
