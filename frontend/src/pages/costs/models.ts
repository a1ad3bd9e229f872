/** Groups by model in; the slices of a ring, and what a million tokens cost, out. */
import type { Group, Spend } from "../../api/questions.ts";
import { OTHER, SLOTS } from "../../charts/palette.ts";
import type { Slice } from "../../charts/Ring.tsx";
import { isRest, named } from "../../charts/series.ts";
import { each, sum, times } from "../../decimal.ts";
import { approximate, exactMoney, money } from "../../format.ts";

const MILLION = 1_000_000;

/** The dearest seven, and all that is left as one; their sum is the total. */
export function slicesOf(answer: Spend, dimension: string): Slice[] {
  const order = [...answer.groups]
    .filter((group) => group.cost_usd !== null)
    .sort((a, b) => Number(isRest(a)) - Number(isRest(b)) || approximate(b.cost_usd) - approximate(a.cost_usd));
  const told = order.filter((group) => !isRest(group)).slice(0, SLOTS);
  const rest = sum(order.filter((group) => !told.includes(group)).map((group) => group.cost_usd));
  const slice = (name: string, value: string): Slice => ({
    name,
    value: approximate(value),
    text: money(value),
    exact: exactMoney(value),
  });
  const found = told.map((group) => slice(named(group, dimension), group.cost_usd ?? "0"));
  return rest === null ? found : [...found, slice(OTHER, rest)];
}

/** What a million tokens cost on average, in and out together. */
export function perMillion(of: Pick<Group, "cost_usd" | "input_tokens" | "output_tokens">): string | null {
  const tokens = (of.input_tokens ?? 0) + (of.output_tokens ?? 0);
  return of.cost_usd === null ? null : each(times(of.cost_usd, MILLION), tokens, 6);
}
