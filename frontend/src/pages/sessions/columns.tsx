/** What lists of sessions show of each. */
import { Link } from "@tanstack/react-router";
import type { Schemas } from "../../api/client.ts";
import { count, duration, moment } from "../../format.ts";
import type { Column } from "../../ui/table/Grid.tsx";
import type { Search } from "../../url.ts";
import { Cost, costHint, errorsColumn, tokensColumn } from "../traces/columns.tsx";

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
      key: "last_seen",
      title: "Last seen",
      width: 126,
      usual: true,
      sort: "last_seen",
      cell: (row) => <time dateTime={row.last_seen}>{moment(row.last_seen, zone)}</time>,
      hint: (row) => row.last_seen,
    },
    { key: "traces", title: "Traces", width: 70, usual: true, right: true, cell: (row) => count(row.trace_count) },
    {
      key: "calls",
      title: "Calls",
      width: 76,
      usual: true,
      right: true,
      sort: "calls",
      cell: (row) => count(row.calls),
    },
    errorsColumn(),
    tokensColumn(),
    {
      key: "cost",
      title: "Cost",
      width: 110,
      usual: true,
      right: true,
      sort: "cost",
      cell: (row) => <Cost value={row.cost_usd} left={left(row)} />,
      hint: (row) => costHint(row.cost_usd, left(row)),
    },
    {
      key: "models",
      title: "Models",
      width: 260,
      usual: true,
      cell: (row) => row.models.join(", ") || "—",
      hint: (row) => row.models.join(", "),
    },
  ];
}

export function sessionColumns(zone: string, along: Search): readonly Column<Session>[] {
  return [
    {
      key: "session",
      title: "Session",
      width: 220,
      usual: true,
      cell: (row) => (
        <Link tabIndex={-1} to={sessionHref(row) as never} search={along as never}>
          {row.session_id}
        </Link>
      ),
      hint: (row) => row.session_id,
    },
    { key: "lasted", title: "Lasted", width: 84, usual: true, right: true, cell: (row) => duration(row.duration_ms) },
    {
      key: "users",
      title: "Users",
      width: 160,
      usual: true,
      cell: (row) => row.user_ids.join(", ") || "—",
      hint: (row) => `${count(row.user_count)}: ${row.user_ids.join(", ")}`,
    },
    ...summedColumns<Session>(zone),
  ];
}

export const sessionId = (row: Session) => row.session_id;
export const sessionHref = (row: Session) => `/sessions/${encodeURIComponent(row.session_id)}`;
