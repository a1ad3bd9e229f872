/** A search that finds nothing in; why, and the one step that finds something, out. */
import { Button } from "@mantine/core";
import { useQueries, useQuery } from "@tanstack/react-query";
import { calls, spend } from "../../api/questions.ts";
import { usePlace } from "../../app/place.ts";
import { count, moment } from "../../format.ts";
import { label } from "../../ui/FilterBar.tsx";
import { asked, filtersOf, withoutFilter, withRange, zoneOf } from "../../url.ts";

const EVER = "now-3650d";
const DAY_MS = 86_400_000;

export function Empty() {
  const { search } = usePlace();
  return <div className="empty">{filtersOf(search).length ? <Unmatched /> : <Nothing />}</div>;
}

/** Which single filter to drop, and how many requests that gives. */
function Unmatched() {
  const { search, change } = usePlace();
  const held = filtersOf(search);
  const answers = useQueries({
    queries: held.map((one) => spend(asked(withoutFilter(search, one.name, one.value)))),
  });
  const worth = held
    .map((one, at) => ({ ...one, calls: answers[at]?.isPlaceholderData ? 0 : (answers[at]?.data?.total.calls ?? 0) }))
    .filter((one) => one.calls > 0);
  return (
    <>
      <p>No request passes all filters.</p>
      {worth.map((one) => (
        <Button
          key={`${one.name}=${one.value}`}
          variant="default"
          size="xs"
          m={4}
          onClick={() => change((now) => withoutFilter(now, one.name, one.value))}
        >
          Drop {label(one.name)} {one.value}: {count(one.calls)} requests
        </Button>
      ))}
    </>
  );
}

/** Nothing in this range, or nothing at all. */
function Nothing() {
  const { search, change } = usePlace();
  const answer = useQuery(calls({ from: EVER, limit: "1" }));
  const latest = answer.data?.data[0];
  if (answer.isPending) return <p>No requests in this range.</p>;
  if (!latest) {
    return (
      <>
        <p>No request has come in yet.</p>
        <p>
          Point an OTLP exporter at <code>{new URL("v1/traces", document.baseURI).href}</code> with a key of this
          project.
        </p>
      </>
    );
  }
  const end = Date.parse(latest.start_time) + 1000;
  return (
    <>
      <p>No requests in this range. The latest was at {moment(latest.start_time, zoneOf(search))}.</p>
      <Button
        variant="default"
        size="xs"
        onClick={() =>
          change((now) => withRange(now, new Date(end - DAY_MS).toISOString(), new Date(end).toISOString()))
        }
      >
        Show that day
      </Button>
    </>
  );
}
