/** One user: their sums, what they used over time and for what, and their sessions. */
import { Skeleton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { useMemo } from "react";
import type { Schemas } from "../../api/client.ts";
import { question, spend } from "../../api/questions.ts";
import { Page } from "../../app/Shell.tsx";
import { usePlace } from "../../app/place.ts";
import { OverTime } from "../../charts/OverTime.tsx";
import { byGroup, cost, filterValue } from "../../charts/series.ts";
import { count, moment } from "../../format.ts";
import { Failure, Panel } from "../../ui/Panel.tsx";
import { asked, carried, withFilter, zoneOf } from "../../url.ts";
import { Breakdown } from "../sessions/Breakdown.tsx";
import { type Session, sessionColumns, sessionHref, sessionId } from "../sessions/columns.tsx";
import { Totals } from "../sessions/Totals.tsx";
import { Listing } from "../../ui/table/Listing.tsx";

export function User() {
  const { id } = useParams({ strict: false }) as { id: string };
  const { search } = usePlace();
  const path = `/api/v1/users/${encodeURIComponent(id)}`;
  const answer = useQuery(question<Schemas["UserDetail"]>(path, asked(search)));
  const own = asked(withFilter(search, "user", id));
  const over = useQuery(spend({ ...own, by: "model", granularity: "auto" }));
  const columns = useMemo(() => sessionColumns(zoneOf(search), carried(search)), [search]);
  const requests = withFilter(carried(search), "user", id);
  const of = answer.data;
  return (
    <Page title={`User ${id}`} ranged>
      {of ? (
        <Totals
          of={of}
          requests={requests}
          last={{
            title: "Sessions",
            value: count(of.session_count),
            sub: `${count(of.trace_count)} ${of.trace_count === 1 ? "trace" : "traces"}, last ${moment(of.last_seen, zoneOf(search))}`,
          }}
        />
      ) : answer.error ? (
        <Failure error={answer.error} retry={() => void answer.refetch()} height={120} />
      ) : (
        <div aria-busy>
          <Skeleton height={120} />
        </div>
      )}
      <Panel title="Cost over time" query={over} height={280}>
        {(data) => (
          <OverTime
            title="Cost over time"
            over={byGroup(data, "model", cost)}
            unit="money"
            kind="stacked"
            dimension="model"
            narrowed={(now, name) => withFilter(withFilter(now, "user", id), "model", filterValue(name, "model"))}
          />
        )}
      </Panel>
      {of && (
        <div className="grid halves">
          <Breakdown title="By model" by="model" groups={of.by_model} requests={requests} />
          <Breakdown title="By feature" by="feature" groups={of.by_feature} requests={requests} />
        </div>
      )}
      <Listing<Session>
        label="Sessions of the user"
        name="sessions"
        within
        path="/api/v1/sessions"
        parameters={{ ...own, limit: "100" }}
        columns={columns}
        idOf={sessionId}
        hrefOf={sessionHref}
        empty="None of this user's calls in this range names a session."
      />
    </Page>
  );
}
