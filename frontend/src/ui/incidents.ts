/** What is open now, asked once for the banner, the count beside Alerts and the marks on charts. */
import { useQuery } from "@tanstack/react-query";
import type { Schemas } from "../api/client.ts";
import { question } from "../api/questions.ts";
import type { Search } from "../url.ts";
import { concerns } from "./concerned.ts";

export type Incident = Schemas["IncidentShown"];

const PATH = "/api/v1/alerts/incidents";
const EVERY_MS = 30_000;
const SHOWN = "50";

export function openIncidents() {
  return {
    ...question<Schemas["IncidentList"]>(PATH, { status: ["open", "acknowledged"], limit: SHOWN }),
    staleTime: EVERY_MS,
    // Rounds of rules don't come with calls: silence is an incident too.
    refetchInterval: EVERY_MS,
  };
}

const ABOUT_COST = new Set(["threshold", "anomaly", "runaway", "budget", "drift"]);

/** Incidents about money that a chart over a range of time should show. */
export function useCostIncidents(range: { from?: string; to?: string } | undefined, search: Search): Incident[] {
  const asked: Search = { limit: SHOWN };
  // To the hour: the end of a range that goes up to now is another one each time.
  const hour = (text: string) => `${text.slice(0, 13)}:00:00Z`;
  if (range?.from) asked.from = hour(range.from);
  const answer = useQuery({
    ...question<Schemas["IncidentList"]>(PATH, asked),
    enabled: range?.from !== undefined,
    staleTime: EVERY_MS,
  });
  const until = range?.to ? Date.parse(range.to) : Infinity;
  return (answer.data?.data ?? []).filter(
    (one) =>
      ABOUT_COST.has(one.kind) &&
      (one.kind === "budget" || one.verdict.unit === "usd") &&
      Date.parse(one.since) < until &&
      concerns(one, search),
  );
}
