/** A period and filters in; what the last three cost, and what a limit would have done then, out. */
import { useQueries } from "@tanstack/react-query";
import { spend } from "../../api/questions.ts";
import { approximate, exactMoney, money, percent } from "../../format.ts";
import type { Search } from "../../url.ts";
import { type Past, past, type Period, questionsOf } from "./periods.ts";

interface ActualsProps {
  period: Period;
  window: string;
  timezone: string;
  filters: Search;
  limit: string;
  warning: number;
}

export function Actuals({ period, window, timezone, filters, limit, warning }: ActualsProps) {
  const asked = questionsOf(period, window, timezone);
  const answers = useQueries({ queries: asked.map((one) => spend({ ...filters, ...one })) });
  if (!asked.length) return <p className="muted">A budget that is there once has no earlier periods.</p>;
  const failed = answers.find((answer) => answer.error)?.error;
  if (failed) return <p className="notice error">{failed.message}</p>;
  if (answers.some((answer) => !answer.data)) return <p className="muted">Asking what was spent…</p>;
  const found: Past[] =
    period === "rolling"
      ? answers.map((answer, at) => ({
          name: at === answers.length - 1 ? `last ${window}` : `${window} up to ${String(asked[at]?.to)}`,
          cost: answer.data?.total.calls ? answer.data.total.cost_usd : "0",
        }))
      : past(
          period,
          (answers[0]?.data?.series ?? []).map((step) => ({
            time: step.time,
            cost: step.groups[0] ? step.groups[0].cost_usd : "0",
          })),
          timezone,
        );
  return (
    <table className="plain" aria-label="The last three periods">
      <thead>
        <tr>
          <th scope="col">Before</th>
          <th scope="col" className="r">
            Spent
          </th>
          <th scope="col">With this limit</th>
        </tr>
      </thead>
      <tbody>
        {found.map((one) => (
          <tr key={one.name}>
            <td>{one.name}</td>
            <td className="r" title={exactMoney(one.cost)}>
              {one.cost === null ? "— no price" : money(one.cost)}
            </td>
            <td>{verdict(one, limit, warning)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function verdict(of: Past, limit: string, warning: number): string {
  const most = approximate(limit);
  if (!(most > 0) || of.cost === null) return "—";
  const share = approximate(of.cost) / most;
  const word = share >= 1 ? "exceeded" : share >= warning ? "warned" : "fine";
  return `${word}, at ${percent(share)}`;
}
