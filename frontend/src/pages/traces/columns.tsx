/** What lists of traces show of each. */
import { Link } from "@tanstack/react-router";
import type { Schemas } from "../../api/client.ts";
import { cellMoney, count, duration, exactMoney, moment } from "../../format.ts";
import { likeScore } from "../../ui/scores.ts";
import type { Column } from "../../ui/table/Grid.tsx";
import type { Search } from "../../url.ts";
import { Waterfall } from "./Waterfall.tsx";

export type Trace = Schemas["Trace"];

const NONE = <span className="muted">—</span>;

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

export function errorsColumn<Row extends { errors: number; calls: number }>(): Column<Row> {
  return {
    key: "errors",
    title: "Errors",
    width: 66,
    usual: true,
    right: true,
    cell: (row) => (row.errors ? <span className="bad">{count(row.errors)}</span> : "0"),
    hint: (row) => `${count(row.errors)} failed; ${count(row.calls)} model calls`,
  };
}

/** In and out together; a side that nobody told is not counted, and both untold are unknown. */
export function tokensColumn<Row extends { input_tokens: number | null; output_tokens: number | null }>(): Column<Row> {
  return {
    key: "tokens",
    title: "Tokens",
    width: 92,
    usual: true,
    right: true,
    cell: (row) =>
      row.input_tokens === null && row.output_tokens === null
        ? "—"
        : count((row.input_tokens ?? 0) + (row.output_tokens ?? 0)),
    hint: (row) => `${count(row.input_tokens)} in, ${count(row.output_tokens)} out`,
  };
}

/** A name by which rows like this one are found; a link where it has a page. */
function named(key: string, title: string, of: (row: Trace) => string | null, page = "", along: Search = {}) {
  return {
    key,
    title,
    width: 130,
    usual: true,
    cell: (row: Trace) => {
      const name = of(row);
      if (name === null) return NONE;
      return page ? (
        <Link tabIndex={-1} to={`${page}/${encodeURIComponent(name)}` as never} search={along as never}>
          {name}
        </Link>
      ) : (
        name
      );
    },
    hint: (row: Trace) => of(row) ?? undefined,
    filter: (row: Trace) => [key, of(row) ?? ""] as const,
  };
}

type ScoreSum = Trace["score_sums"][number];

/** A label where all agree, else the average, of how many. */
export function scoreText(of: ScoreSum): string {
  const value = of.label ?? (of.average === null ? "mixed" : Number(of.average.toPrecision(3)).toString());
  return `${of.name} ${value}${of.count > 1 ? ` (${of.count})` : ""}`;
}

const tagText = (of: { key: string; value: string }) => `${of.key}=${of.value}`;

/** The first two, and how many more. */
function few(texts: readonly string[]) {
  if (!texts.length) return NONE;
  return (
    <>
      {texts.slice(0, 2).join("  ")}
      {texts.length > 2 && <span className="muted"> +{texts.length - 2}</span>}
    </>
  );
}

export function traceColumns(zone: string, along: Search): readonly Column<Trace>[] {
  const counted = (key: string, title: string, width: number, of: (row: Trace) => number): Column<Trace> => ({
    key,
    title,
    width,
    usual: true,
    right: true,
    cell: (row) => count(of(row)),
  });
  return [
    {
      key: "start",
      title: "Start",
      width: 126,
      usual: true,
      cell: (row) => (row.start_time ? <time dateTime={row.start_time}>{moment(row.start_time, zone)}</time> : "—"),
      hint: (row) => row.start_time ?? undefined,
    },
    {
      key: "name",
      title: "Trace",
      width: 210,
      usual: true,
      cell: (row) => (
        <Link tabIndex={-1} to={`/traces/${row.trace_id}` as never} search={along as never}>
          {row.name ?? row.trace_id.slice(0, 8)}
        </Link>
      ),
      hint: (row) => row.trace_id,
    },
    { key: "waterfall", title: "When its calls ran", width: 140, usual: true, cell: (row) => <Waterfall row={row} /> },
    {
      key: "duration",
      title: "Duration",
      width: 82,
      usual: true,
      right: true,
      cell: (row) => duration(row.duration_ms),
      hint: (row) => (row.duration_ms === null ? undefined : `${count(row.duration_ms)} ms`),
    },
    counted("spans", "Spans", 62, (row) => row.span_count),
    counted("calls", "Calls", 58, (row) => row.calls),
    errorsColumn(),
    tokensColumn(),
    {
      key: "cost",
      title: "Cost",
      width: 104,
      usual: true,
      right: true,
      cell: (row) => <Cost value={row.cost_usd} left={leftOut(row)} />,
      hint: (row) => costHint(row.cost_usd, leftOut(row)),
    },
    named("feature", "Feature", (row) => row.feature),
    named("user", "User", (row) => row.user_id, "/users", along),
    named("session", "Session", (row) => row.session_id, "/sessions", along),
    { ...named("environment", "Environment", (row) => row.environment), usual: false },
    {
      key: "scores",
      title: "Scores",
      width: 140,
      usual: true,
      cell: (row) => few(row.score_sums.map(scoreText)),
      hint: (row) => row.score_sums.map(scoreText).join("\n") || undefined,
      filter: (row) => {
        const first = row.score_sums[0];
        return first ? likeScore({ ...first, value: first.average }) : null;
      },
    },
    {
      key: "tags",
      title: "Tags",
      width: 200,
      usual: true,
      cell: (row) => few(row.tags.map(tagText)),
      hint: (row) => row.tags.map(tagText).join("\n") || undefined,
      filter: (row) => {
        const first = row.tags[0];
        return first ? [`tag.${first.key}`, first.value] : null;
      },
    },
  ];
}

export const traceId = (row: Trace) => row.trace_id;
export const traceHref = (row: Trace) => `/traces/${row.trace_id}`;
