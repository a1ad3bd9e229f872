/** What lists of sessions show of each. */
import { Link } from "@tanstack/react-router";
import type { Schemas } from "../../api/client.ts";
import { count, duration, moment } from "../../format.ts";
import type { Search } from "../../url.ts";
import { Cost, costHint, errorsColumn, tokensColumn } from "../traces/columns.tsx";
import type { Column } from "../traces/Listing.tsx";

export type Session = Schemas["Session"];

interface Summed {
  cost_usd: string | null;
  unpriced_calls: number;
  unknown_usage_calls: number;
  calls: number;
  errors: number;
  trace_count: number;
  input_tokens: number | null;
  output_tokens: number | null;
  last_seen: string;
  models: string[];
}

/** What sessions and users have alike. */
export function summedColumns<Row extends Summed>(zone: string): readonly Column<Row>[] {
  const left = (row: Row) => row.unpriced_calls + row.unknown_usage_calls;
  return [
    {
      title: "Last seen",
      width: "112px",
      sort: "last_seen",
      cell: (row) => <time dateTime={row.last_seen}>{moment(row.last_seen, zone)}</time>,
      hint: (row) => row.last_seen,
    },
    { title: "Traces", width: "60px", right: true, cell: (row) => count(row.trace_count) },
    { title: "Calls", width: "60px", right: true, sort: "calls", cell: (row) => count(row.calls) },
    errorsColumn("52px"),
    tokensColumn("92px"),
    {
      title: "Cost",
      width: "100px",
      right: true,
      sort: "cost",
      cell: (row) => <Cost value={row.cost_usd} left={left(row)} />,
      hint: (row) => costHint(row.cost_usd, left(row)),
    },
    {
      title: "Models",
      width: "minmax(100px, 1.4fr)",
      cell: (row) => row.models.join(", ") || "—",
      hint: (row) => row.models.join(", "),
    },
  ];
}

export function sessionColumns(zone: string, along: Search): readonly Column<Session>[] {
  return [
    {
      title: "Session",
      width: "minmax(150px, 2fr)",
      cell: (row) => (
        <Link to={sessionHref(row) as never} search={along as never}>
          {row.session_id}
        </Link>
      ),
      hint: (row) => row.session_id,
    },
    { title: "Lasted", width: "76px", right: true, cell: (row) => duration(row.duration_ms) },
    {
      title: "Users",
      width: "minmax(90px, 1fr)",
      cell: (row) => row.user_ids.join(", ") || "—",
      hint: (row) => `${count(row.user_count)}: ${row.user_ids.join(", ")}`,
    },
    ...summedColumns<Session>(zone),
  ];
}

export const sessionId = (row: Session) => row.session_id;
export const sessionHref = (row: Session) => `/sessions/${encodeURIComponent(row.session_id)}`;
