/** Sessions of the range with what each cost. */
import { useMemo } from "react";
import { Page } from "../../app/Shell.tsx";
import { usePlace } from "../../app/place.ts";
import { asked, carried, first, zoneOf } from "../../url.ts";
import { Listing } from "../../ui/table/Listing.tsx";
import { type Session, sessionColumns, sessionHref, sessionId } from "./columns.tsx";

export function Sessions() {
  const { search, change } = usePlace();
  const columns = useMemo(() => sessionColumns(zoneOf(search), carried(search)), [search]);
  const sort = first(search, "sort") ?? "-last_seen";
  return (
    <Page title="Sessions" ranged>
      <Listing<Session>
        label="Sessions"
        name="sessions"
        path="/api/v1/sessions"
        parameters={{ ...asked(search), sort, limit: "100" }}
        columns={columns}
        idOf={sessionId}
        hrefOf={sessionHref}
        sort={sort}
        onSort={(next) => change((now) => ({ ...now, sort: next }))}
        empty="No call in this range names a session. Send session.id with your spans, and they stand here together."
      />
    </Page>
  );
}
