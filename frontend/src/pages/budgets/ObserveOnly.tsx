/** Nothing in; that budgets only observe, since when, who said so and why, out, where it is so. */
import { useQuery } from "@tanstack/react-query";
import { moment } from "../../format.ts";
import { observing } from "./questions.ts";
import { ObserveOnlySwitch } from "./ObserveOnlySwitch.tsx";

export function ObserveOnly({ zone }: { zone: string }) {
  const told = useQuery(observing()).data;
  if (!told?.on) return null;
  return (
    <div className="notice observing" role="status">
      <span>
        ▲ Budgets only observe: nothing is stopped because of one
        {told.since && `, since ${moment(told.since, zone, false)}`}
        {told.by && `, says ${told.by}`}. {told.why && <strong>{told.why}</strong>}
      </span>
      <ObserveOnlySwitch on />
    </div>
  );
}
