/** A trace in; the one before and after it in the list that passes the filters, as far as it is read, out. */
import { type QueryClient, useQuery, useQueryClient } from "@tanstack/react-query";
import { question } from "../../api/questions.ts";
import type { PageOf } from "../../ui/table/pages.ts";
import { asked, type Search } from "../../url.ts";
import type { Trace } from "./columns.tsx";
import { beside, type Near } from "./order.ts";

const PATH = "/api/v1/traces";
/** Who came from the list has these pages at hand already. */
const MOST_PAGES = 10;

export function listed(search: Search): Search {
  return { ...asked(search), limit: "100" };
}

async function near(queries: QueryClient, search: Search, id: string): Promise<Near> {
  const ids: string[] = [];
  let cursor: string | null = "";
  for (let page = 0; page < MOST_PAGES && cursor !== null; page++) {
    const parameters: Search = cursor ? { ...listed(search), cursor } : listed(search);
    const answer: PageOf<Trace> = await queries.fetchQuery({
      ...question<PageOf<Trace>>(PATH, parameters),
      staleTime: 60_000,
    });
    ids.push(...answer.data.map((trace) => trace.trace_id));
    cursor = answer.next_cursor;
    const found = beside(ids, id);
    // The last row of a page has its successor on the next.
    if (found && (found.after !== null || cursor === null)) return found;
  }
  return beside(ids, id) ?? { before: null, after: null };
}

/** Not before the trace itself is there: lists must not hold it up. */
export function useNeighbours(search: Search, id: string, enabled: boolean): Near | undefined {
  const queries = useQueryClient();
  return useQuery({
    queryKey: ["beside", id, JSON.stringify(listed(search))],
    queryFn: () => near(queries, search, id),
    staleTime: 60_000,
    enabled,
  }).data;
}
