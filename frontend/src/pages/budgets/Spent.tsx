/** A budget in; how far it is used up, beside how far it should be today, and the word for it, out. */
import { approximate, exactMoney, percent } from "../../format.ts";
import { elapsed } from "./periods.ts";
import type { Budget, Status } from "./questions.ts";
import "./budgets.css";

const WORDS: Record<Status, string> = { ok: "ok", warning: "▲ budgetWarning", exceeded: "■ budgetExceeded" };

export function StatusWord({ status }: { status: Status }) {
  return (
    <span className="status" data-status={status}>
      {WORDS[status]}
    </span>
  );
}

export function used(of: Budget): number | null {
  return of.counted_usd === null ? null : approximate(of.counted_usd) / approximate(of.limit_usd);
}

export function Bar({ of }: { of: Budget }) {
  const share = used(of);
  const pace = of.period === "rolling" ? null : elapsed(of.period_start, of.period_end, Date.now());
  const told = `${percent(share)} used${pace === null ? "" : `, ${percent(pace)} of the period is over`}`;
  return (
    <div
      className="budget-bar"
      role="img"
      aria-label={told}
      title={`${exactMoney(of.counted_usd)} of ${exactMoney(of.limit_usd)}: ${told}`}
    >
      <i data-status={of.status} style={{ width: `${Math.min(100, (share ?? 0) * 100)}%` }} />
      {of.thresholds.map((ratio) => (
        <b key={ratio} style={{ left: `${Math.min(100, ratio * 100)}%` }} />
      ))}
      {pace !== null && <u style={{ left: `${pace * 100}%` }} />}
    </div>
  );
}

export function scopeOf(filters: Budget["filters"]): string {
  const told = Object.entries(filters).map(
    ([name, value]) => `${name.replace(/^tag\./, "")} ${Array.isArray(value) ? value.join(" or ") : value}`,
  );
  return told.length ? told.join(", ") : "everything";
}
