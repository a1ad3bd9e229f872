/** Sums in; a notice of the calls they don't cover, with a way to them, out. */
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import type { Measures } from "../api/questions.ts";
import { usePlace } from "../app/place.ts";
import { count } from "../format.ts";
import { carried, withFilter } from "../url.ts";

/** The notice has its place before it comes, and where there is none: nothing below it may jump. */
function Line({ children }: { children?: ReactNode }) {
  return <p className="notice quiet">{children || "\u00a0"}</p>;
}

export function NotYetKnown() {
  return <Line />;
}

export function Uncovered({ of }: { of: Measures }) {
  const { search } = usePlace();
  if (!of.unpriced_calls && !of.unknown_usage_calls)
    return <Line>{of.calls > 0 && "Nothing is missing in the cost."}</Line>;
  const { from, to, tz } = search;
  const requests = (status: string, text: string) => (
    <Link to={"/requests" as never} search={withFilter(carried(search), "cost_status", status) as never}>
      {text}
    </Link>
  );
  return (
    <p className="notice" style={{ margin: 0 }}>
      {of.unpriced_calls > 0 && (
        <>
          Cost is missing for {requests("unpriced", `${count(of.unpriced_calls)} of ${count(of.calls)} requests`)}:
          their models have no price.{" "}
          <Link to={"/pricing" as never} search={{ from, to, tz } as never}>
            See which, and add one
          </Link>
          .{" "}
        </>
      )}
      {of.unknown_usage_calls > 0 && (
        <>
          {of.unknown_usage_calls === 1
            ? "1 request reported no usage, so nobody knows its cost."
            : `${count(of.unknown_usage_calls)} requests reported no usage, so nobody knows their cost.`}
        </>
      )}
    </p>
  );
}
