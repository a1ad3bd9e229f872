/** A call in; the ids of the one before and after it among those that pass the filters, in order of time, out. */
import { useQuery } from "@tanstack/react-query";
import type { Call } from "../../api/questions.ts";
import type { Search } from "../../url.ts";
import { following, isInRange } from "./list.ts";
import { newer, older } from "./questions.ts";

const NOBODY = { id: "", start_time: "1970-01-01T00:00:00Z" } as Call;

export function useNeighbours(search: Search, call: Call | undefined): { newer?: string; older?: string } {
  // Of what lies outside the range nobody is before or after, and none could be asked for.
  const enabled = call !== undefined && isInRange(search, call.start_time);
  const up = useQuery({ ...newer(search, call ?? NOBODY), enabled });
  const down = useQuery({ ...older(search, call ?? NOBODY), enabled });
  if (!call || !enabled) return {};
  // Without its own row in the page, the call doesn't pass the filters itself: then there is no before and after.
  const of = (page: typeof up) =>
    page.isPlaceholderData || !page.data?.data.some((one) => one.id === call.id)
      ? undefined
      : following(page.data.data, call.id);
  return { newer: of(up), older: of(down) };
}
