/** A range and filters without calls in; why nothing is there, and what to do about it, out. */
import { Button, Group } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense } from "react";
import { calls, spend } from "../api/questions.ts";
import { usePlace } from "../app/place.ts";
import { count, moment } from "../format.ts";
import { asked, filtersOf, withoutFilter, withoutFilters, withRange, zoneOf } from "../url.ts";
import { label } from "./filterWords.ts";

const Connect = lazy(() => import("../pages/setup/Connect.tsx").then((loaded) => ({ default: loaded.Connect })));

/** Asked only when there is nothing to show. */
export function Empty() {
  const { search } = usePlace();
  return filtersOf(search).length ? <NothingMatches /> : <NothingHere />;
}

/** Which single filter to drop, and how many calls that gives. */
function NothingMatches() {
  const { search, change } = usePlace();
  return (
    <div className="empty">
      <p>No request in this range matches all filters.</p>
      <Group justify="center" gap={8}>
        {filtersOf(search).map(({ name, value }) => (
          <Without key={`${name}=${value}`} name={name} value={value} />
        ))}
        <Button size="xs" variant="default" onClick={() => change(withoutFilters)}>
          Clear all filters
        </Button>
      </Group>
    </div>
  );
}

function Without({ name, value }: { name: string; value: string }) {
  const { search, change } = usePlace();
  const answer = useQuery(spend(asked(withoutFilter(search, name, value))));
  const found = answer.data?.total.calls;
  if (!found) return null;
  return (
    <Button size="xs" variant="light" onClick={() => change((now) => withoutFilter(now, name, value))}>
      Without {label(name)} {value}: {count(found)} requests
    </Button>
  );
}

/** Where the nearest calls are, or how to send the first one. */
function NothingHere() {
  const { search, change } = usePlace();
  const answer = useQuery(calls({ from: "1970-01-01", to: "now", limit: "1" }));
  const latest = answer.data?.data[0];
  if (!answer.data) return <p className="empty">Nothing in this range.</p>;
  if (!latest)
    return (
      <div className="first-call">
        <p className="empty">No request was ever received in this project.</p>
        <Suspense>
          <Connect />
        </Suspense>
      </div>
    );
  const day = latest.start_time.slice(0, 10);
  return (
    <div className="empty">
      <p>Nothing in this range. The latest request was at {moment(latest.start_time, zoneOf(search))}.</p>
      <Button
        size="xs"
        variant="light"
        onClick={() =>
          change((now) => withRange(now, day, new Date(Date.parse(latest.start_time) + 60_000).toISOString()))
        }
      >
        Go there
      </Button>
    </div>
  );
}
