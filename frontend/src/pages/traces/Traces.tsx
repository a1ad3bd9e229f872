/** Traces of the range, the latest first. */
import { useMemo } from "react";
import { Page } from "../../app/Shell.tsx";
import { usePlace } from "../../app/place.ts";
import { asked, carried, zoneOf } from "../../url.ts";
import { traceColumns, traceHref, traceId, type Trace } from "./columns.tsx";
import { Listing } from "./Listing.tsx";

export function Traces() {
  const { search } = usePlace();
  const columns = useMemo(() => traceColumns(zoneOf(search), carried(search)), [search]);
  return (
    <Page title="Traces" ranged>
      <Listing<Trace>
        label="Traces"
        path="/api/v1/traces"
        parameters={{ ...asked(search), limit: "100" }}
        columns={columns}
        idOf={traceId}
        hrefOf={traceHref}
        empty="No trace in this range matches. Take a filter away, or look at a longer range."
      />
    </Page>
  );
}
