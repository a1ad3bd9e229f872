/** Traces of the range, the latest first. */
import { useMemo } from "react";
import { Page } from "../../app/Shell.tsx";
import { usePlace } from "../../app/place.ts";
import { carried, zoneOf } from "../../url.ts";
import { listed } from "./neighbours.ts";
import { traceColumns, traceHref, traceId, type Trace } from "./columns.tsx";
import { Empty } from "../../ui/Empty.tsx";
import { Listing } from "../../ui/table/Listing.tsx";

export function Traces() {
  const { search } = usePlace();
  const columns = useMemo(() => traceColumns(zoneOf(search), carried(search)), [search]);
  return (
    <Page title="Traces" ranged>
      <Listing<Trace>
        label="Traces"
        name="traces"
        path="/api/v1/traces"
        parameters={listed(search)}
        columns={columns}
        idOf={traceId}
        hrefOf={traceHref}
        empty={<Empty />}
      />
    </Page>
  );
}
