/** Nothing in; how many incidents are open, to stand beside the way to them, out. */
import { useQuery } from "@tanstack/react-query";
import { count } from "../format.ts";
import { openIncidents } from "./incidents.ts";

export function OpenCount() {
  const open = useQuery(openIncidents()).data?.counts.open ?? 0;
  if (!open) return null;
  return (
    <span className="open-count">
      {count(open)} <span className="sr-only">open</span>
    </span>
  );
}
