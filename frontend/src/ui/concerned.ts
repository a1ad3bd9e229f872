/** Incidents in; whether a page's calls are theirs, and at which steps of a chart they began, out. */
import type { Schemas } from "../api/client.ts";
import { all, type Search } from "../url.ts";

type Incident = Schemas["IncidentShown"];

/** Whether a page's filters leave any call that an incident is about. */
export function concerns(of: Pick<Incident, "group" | "budget_id">, search: Search): boolean {
  if (of.budget_id) return true;
  return of.group.every(({ dimension, value }) => {
    const asked = all(search, dimension);
    const wanted = asked.filter((one) => !one.startsWith("!"));
    return (!wanted.length || wanted.includes(value ?? "")) && !asked.includes(`!${value ?? ""}`);
  });
}

/** The step of a chart in which each began, where one did. */
export function stepsOf(found: readonly Incident[], times: readonly string[]): Map<number, Incident[]> {
  const starts = times.map((time) => Date.parse(time));
  const steps = new Map<number, Incident[]>();
  for (const one of found) {
    const step = starts.findLastIndex((start) => start <= Date.parse(one.since));
    if (step >= 0) steps.set(step, [...(steps.get(step) ?? []), one]);
  }
  return steps;
}
