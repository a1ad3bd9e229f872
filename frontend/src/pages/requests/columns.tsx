/** A call in; what each column shows of it, its exact value for who hovers, and the filter that finds its like, out. */
import type { Call } from "../../api/questions.ts";
import { cellMoney, count, duration, exactMoney, moment, shortId } from "../../format.ts";
import { likeScore, saidBy } from "../../ui/scores.ts";
import type { Column } from "../../ui/table/Grid.tsx";

const WHY: Record<string, string> = {
  unpriced: "no price",
  unknown: "no usage",
};

type Text = (call: Call) => string | null;

/** A name that is shown as it is and can be filtered by. */
function named(key: string, title: string, of: Text, more: Partial<Column<Call>> = {}): Column<Call> {
  return {
    key,
    title,
    width: 130,
    cell: (call) => of(call) ?? <span className="muted">—</span>,
    hint: (call) => of(call) ?? undefined,
    filter: (call) => [key, of(call) ?? ""],
    ...more,
  };
}

function counted(key: string, title: string, of: (call: Call) => number | null, usual = false, sort?: string) {
  return {
    key,
    title,
    width: 84,
    usual,
    right: true,
    ...(sort ? { sort } : {}),
    cell: (call: Call) => count(of(call)),
    hint: (call: Call) => (of(call) === null ? "Nobody reported it" : undefined),
  };
}

function timed(key: string, title: string, of: (call: Call) => number | null): Column<Call> {
  return { key, title, width: 88, usual: true, right: true, sort: key, cell: (call) => duration(of(call)) };
}

export function costText(call: Call): string {
  if (call.cost_usd === null) return `— ${WHY[call.cost_status] ?? call.cost_status}`;
  return `${call.cost_status === "estimated" ? "≈" : ""}${cellMoney(call.cost_usd)}`;
}

export function costHint(call: Call): string {
  if (call.cost_status === "unpriced") return "Unknown: no price of this model is known";
  if (call.cost_status === "unknown") return "Unknown: the call told no usage";
  const how = call.cost_status === "estimated" ? "estimated usage at list prices" : "reported usage at list prices";
  return `${exactMoney(call.cost_usd)}: ${how}`;
}

function part(key: string, title: string, of: Text): Column<Call> {
  return {
    key,
    title,
    width: 100,
    right: true,
    cell: (call) => cellMoney(of(call)),
    hint: (call) => exactMoney(of(call)),
  };
}

export function modelName(call: Call): string {
  const [asked, served] = [call.request_model, call.response_model];
  if (!asked || !served || asked === served) return served ?? asked ?? "—";
  // A dated name of the same model is no other model.
  return served.startsWith(`${asked}-`) ? asked : `${asked} → ${served}`;
}

/** What `status` is to be to find it again. */
export function outcome(call: Call): string {
  return call.status === "ok" ? "ok" : (call.error_type ?? "error");
}

function perSecond(call: Call): string {
  const ms = call.latency_ms - (call.ttft_ms ?? 0);
  return call.output_tokens === null || ms <= 0 ? "—" : ((call.output_tokens * 1000) / ms).toFixed(1);
}

function Tags({ tags }: { tags: Record<string, string> }) {
  const all = Object.entries(tags);
  if (!all.length) return <span className="muted">—</span>;
  const more = all.length > 2 ? ` +${all.length - 2}` : "";
  return (
    <>
      {all
        .slice(0, 2)
        .map(([key, value]) => `${key}=${value}`)
        .join("  ")}
      {more && <span className="muted">{more}</span>}
    </>
  );
}

export function columnsIn(zone: string): Column<Call>[] {
  return [
    {
      key: "time",
      title: "Time",
      width: 130,
      usual: true,
      sort: "start_time",
      cell: (call) => <time dateTime={call.start_time}>{moment(call.start_time, zone)}</time>,
      hint: (call) =>
        `${moment(call.start_time, zone)} ${zone}\n${moment(call.start_time, "UTC")} UTC\n${call.start_time}`,
    },
    named("status", "Status", outcome, {
      width: 96,
      usual: true,
      cell: (call) => (call.status === "ok" ? "ok" : <span className="failed">✕ {outcome(call)}</span>),
    }),
    named("model", "Model", modelName, {
      width: 184,
      usual: true,
      cell: (call) => (
        <>
          <i className="provider" data-provider={call.provider ?? ""} aria-hidden />
          {modelName(call)}
        </>
      ),
      hint: (call) =>
        `${call.provider ?? "provider unknown"}: ${call.request_model ?? "?"} → ${call.response_model ?? "?"}`,
      filter: (call) => ["model", call.request_model ?? call.response_model ?? ""],
    }),
    named("feature", "Feature", (call) => call.feature, { usual: true, width: 150 }),
    {
      key: "tags",
      title: "Tags",
      width: 166,
      usual: true,
      cell: (call) => <Tags tags={call.tags} />,
      hint: (call) =>
        Object.entries(call.tags)
          .map(([key, value]) => `${key}=${value}`)
          .join("\n"),
      filter: (call) => {
        const found = Object.entries(call.tags)[0];
        return found ? [`tag.${found[0]}`, found[1]] : null;
      },
    },
    counted("input", "Input", (call) => call.input_tokens, true, "input_tokens"),
    counted("output", "Output", (call) => call.output_tokens, true, "output_tokens"),
    counted("cached", "Cached", (call) => call.cached_input_tokens),
    counted("reasoning", "Reasoning", (call) => call.reasoning_tokens),
    { key: "cost", title: "Cost", width: 104, usual: true, right: true, sort: "cost", cell: costText, hint: costHint },
    part("input_cost", "Input cost", (call) => call.input_cost_usd),
    part("output_cost", "Output cost", (call) => call.output_cost_usd),
    timed("ttft", "TTFT", (call) => call.ttft_ms),
    timed("latency", "Latency", (call) => call.latency_ms),
    { key: "speed", title: "Tokens/s", width: 84, right: true, cell: perSecond },
    named("finish", "Finish reason", (call) => call.finish_reason, { filter: () => null }),
    named("streaming", "Streaming", (call) => (call.streaming === null ? null : String(call.streaming))),
    named("provider", "Provider", (call) => call.provider),
    named("environment", "Environment", (call) => call.environment),
    named("config", "Config", (call) => call.config),
    named("variant", "Variant", (call) => call.variant),
    named("user", "User", (call) => call.user_id),
    named("session", "Session", (call) => call.session_id),
    named("team", "Team", (call) => call.team),
    named("tenant", "Tenant", (call) => call.tenant),
    named("prompt_version", "Prompt version", (call) => call.prompt_version),
    {
      key: "scores",
      title: "Scores",
      width: 180,
      cell: (call) => {
        const all = call.scores ?? [];
        if (!all.length) return <span className="muted">—</span>;
        return all.map((one) => `${one.name} ${saidBy(one)}`).join("  ");
      },
      hint: (call) =>
        call.scores?.map((one) => [one.name, saidBy(one), one.explanation].filter(Boolean).join(" ")).join("\n"),
      filter: (call) => (call.scores?.[0] ? likeScore(call.scores[0]) : null),
    },
    named("id", "Request id", (call) => call.external_request_id ?? call.response_id ?? call.id, {
      filter: (call) => ["q", call.id],
    }),
    named("trace", "Trace id", (call) => call.trace_id, {
      cell: (call) => <span className="mono">{shortId(call.trace_id)}</span>,
      filter: (call) => ["q", call.trace_id],
    }),
  ];
}
