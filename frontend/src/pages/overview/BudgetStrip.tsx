/** The budget that counts most here: spent so far against its limit, the forecast and the days left, in one line. */
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { usePlace } from "../../app/place.ts";
import { approximate, exactMoney, money, percent } from "../../format.ts";
import { counts } from "../../ui/counting.ts";
import type { Search } from "../../url.ts";
import { Bar, scopeOf, used } from "../budgets/Spent.tsx";
import { type Budget, budgets } from "./questions.ts";

const DAY_MS = 86_400_000;

/** Of everything before of a part, a month before other periods, and then the one that is used up most. */
export function chosen(all: readonly Budget[], search: Search): Budget | undefined {
  const rank = (of: Budget) =>
    (Object.keys(of.filters).length ? 0 : 4) + (of.period === "month" ? 2 : 0) + Math.min(1, used(of) ?? 0);
  return all.filter((one) => counts(one, search)).sort((a, b) => rank(b) - rank(a))[0];
}

export function daysLeft(of: Budget, now: number): string {
  if (of.period === "rolling" || !of.period_end) return "";
  const days = Math.max(0, Math.ceil((Date.parse(of.period_end) - now) / DAY_MS));
  return days === 1 ? "1 day left" : `${days} days left`;
}

export function BudgetStrip() {
  const { search } = usePlace();
  const answer = useQuery(budgets());
  const of = chosen(answer.data?.data ?? [], search);
  return (
    <section className="panel budget-strip" aria-label="Budget" aria-busy={answer.isPending}>
      <h2>Budget</h2>
      {of ? <Standing of={of} /> : answer.data && <None />}
    </section>
  );
}

function None() {
  return (
    <span className="muted">
      None yet. <Link to={"/budgets" as never}>Set a limit</Link> and see here how far it is used and where the period
      will end.
    </span>
  );
}

function Standing({ of }: { of: Budget }) {
  const over = of.forecast_usd !== null && approximate(of.forecast_usd) > approximate(of.limit_usd);
  return (
    <>
      <Link to={`/budgets/${of.id}` as never} title={scopeOf(of.filters)}>
        {of.name}
      </Link>
      <span className="num" title={`${exactMoney(of.spent_usd)} of ${exactMoney(of.limit_usd)}`}>
        <strong>{money(of.spent_usd)}</strong> of {money(of.limit_usd)} ({percent(used(of))})
      </span>
      <div className="track">
        <Bar of={of} />
      </div>
      {of.forecast_usd !== null && (
        <span className={over ? "num over" : "num"} title={exactMoney(of.forecast_usd)}>
          {over ? "▲ " : ""}forecast {money(of.forecast_usd)}
        </span>
      )}
      <span className="muted">{daysLeft(of, Date.now())}</span>
    </>
  );
}
