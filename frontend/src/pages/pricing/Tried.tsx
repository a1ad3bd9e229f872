/** A price that isn't saved in; what recorded calls would cost by it, before and after, out. */
import { useQuery } from "@tanstack/react-query";
import { count, money } from "../../format.ts";
import { Failure } from "../../ui/Panel.tsx";
import { JobDiff } from "./JobDiff.tsx";
import { isOver, job } from "./questions.ts";

export function Tried({ id }: { id: string }) {
  const answer = useQuery({ ...job(id), placeholderData: undefined });
  const of = answer.data;
  if (answer.error) return <Failure error={answer.error} />;
  return (
    <section className="tried" aria-label="What it would change" aria-busy={!of || !isOver(of)}>
      <p role="status" style={{ margin: 0 }}>
        {!of || !isOver(of) ? (
          `Pricing recorded calls by it: ${count(of?.calls_seen ?? 0)} of ${count(of?.calls_total)} seen…`
        ) : of.state !== "done" ? (
          (of.error ?? of.state)
        ) : (
          <>
            Of {count(of.total.calls)} calls since {of.from.slice(0, 10)} it would change{" "}
            {count(of.total.changed_calls)}:{" "}
            <strong>
              {money(of.total.old_cost_usd)} → {money(of.total.new_cost_usd)}
            </strong>
            . Nothing is saved yet.
          </>
        )}
      </p>
      {of?.state === "done" && of.touched > 0 && <JobDiff of={of} />}
    </section>
  );
}
