/** Users of the range with what each cost. */
import { useMemo } from "react";
import { Page } from "../../app/Shell.tsx";
import { usePlace } from "../../app/place.ts";
import { asked, carried, first, zoneOf } from "../../url.ts";
import { Listing } from "../../ui/table/Listing.tsx";
import { type User, userColumns, userHref, userId } from "./columns.tsx";

export function Users() {
  const { search, change } = usePlace();
  const columns = useMemo(() => userColumns(zoneOf(search), carried(search)), [search]);
  const sort = first(search, "sort") ?? "-cost";
  return (
    <Page title="Users" ranged>
      <Listing<User>
        label="Users"
        name="users"
        path="/api/v1/users"
        parameters={{ ...asked(search), sort, limit: "100" }}
        columns={columns}
        idOf={userId}
        hrefOf={userHref}
        sort={sort}
        onSort={(next) => change((now) => ({ ...now, sort: next }))}
        empty="No call in this range names a user. Send user.id with your spans, and they stand here."
      />
    </Page>
  );
}
