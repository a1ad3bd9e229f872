/** What lists of traces show of each. */
import { Link } from "@tanstack/react-router";
import type { Schemas } from "../../api/client.ts";
import { cellMoney, count, duration, exactMoney, moment } from "../../format.ts";
import type { Search } from "../../url.ts";
import type { Column } from "./Listing.tsx";
import { Waterfall } from "./Waterfall.tsx";

export type Trace = Schemas["Trace"];

/** An unknown cost is no zero, and a sum that leaves calls out says so. */
export function Cost({ value, left }: { value: string | null; left: number }) {
  if (value === null) return <>{left ? "— no price" : "—"}</>;
  return (
    <>
      {cellMoney(value)}
      {left > 0 && <span style={{ color: "var(--warning)" }}> +?</span>}
    </>
  );
}

export function costHint(value: string | null, left: number): string {
  return `${exactMoney(value)}${left ? `, without ${count(left)} calls whose cost is unknown` : ""}`;
}

function leftOut(row: Trace): number {
  return row.unpriced_calls + row.unknown_usage_calls;
}

export function errorsColumn(width: string): Column<{ errors: number }> {
  return {
    title: "Errors",
    width,
    right: true,
    cell: (row) => (row.errors ? <span className="bad">{count(row.errors)}</span> : "0"),
  };
}

/** In and out together; a side that nobody told is not counted, and both untold are unknown. */
export function tokensColumn(width: string): Column<{ input_tokens: number | null; output_tokens: number | null }> {
  return {
    title: "Tokens",
    width,
    right: true,
    cell: (row) =>
      row.input_tokens === null && row.output_tokens === null
        ? "—"
        : count((row.input_tokens ?? 0) + (row.output_tokens ?? 0)),
    hint: (row) => `${count(row.input_tokens)} in, ${count(row.output_tokens)} out`,
  };
}

export function traceColumns(zone: string, along: Search): readonly Column<Trace>[] {
  return [
    {
      title: "Start",
      width: "112px",
      cell: (row) => (row.start_time ? <time dateTime={row.start_time}>{moment(row.start_time, zone)}</time> : "—"),
      hint: (row) => row.start_time ?? undefined,
    },
    {
      title: "Trace",
      width: "minmax(150px, 2fr)",
      cell: (row) => (
        <Link to={`/traces/${row.trace_id}` as never} search={along as never}>
          {row.name ?? row.trace_id.slice(0, 8)}
        </Link>
      ),
      hint: (row) => row.trace_id,
    },
    { title: "When its calls ran", width: "120px", cell: (row) => <Waterfall row={row} /> },
    { title: "Duration", width: "72px", right: true, cell: (row) => duration(row.duration_ms) },
    { title: "Spans", width: "54px", right: true, cell: (row) => count(row.span_count) },
    { title: "Calls", width: "48px", right: true, cell: (row) => count(row.calls) },
    errorsColumn("48px"),
    tokensColumn("80px"),
    {
      title: "Cost",
      width: "96px",
      right: true,
      cell: (row) => <Cost value={row.cost_usd} left={leftOut(row)} />,
      hint: (row) => costHint(row.cost_usd, leftOut(row)),
    },
    { title: "Feature", width: "minmax(80px, 1fr)", cell: (row) => row.feature ?? "—" },
    {
      title: "User",
      width: "minmax(80px, 1fr)",
      cell: (row) =>
        row.user_id ? (
          <Link to={`/users/${encodeURIComponent(row.user_id)}` as never} search={along as never}>
            {row.user_id}
          </Link>
        ) : (
          "—"
        ),
    },
    {
      title: "Session",
      width: "minmax(80px, 1fr)",
      cell: (row) =>
        row.session_id ? (
          <Link to={`/sessions/${encodeURIComponent(row.session_id)}` as never} search={along as never}>
            {row.session_id}
          </Link>
        ) : (
          "—"
        ),
    },
  ];
}

export const traceId = (row: Trace) => row.trace_id;
export const traceHref = (row: Trace) => `/traces/${row.trace_id}`;
