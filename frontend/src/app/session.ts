/** Who is signed in, and for which projects. */
import { queryOptions } from "@tanstack/react-query";
import { get } from "../api/client.ts";

export interface Session {
  user: { id: string; name: string; email: string | null };
  projects: { id: string; name: string }[];
}

export const session = queryOptions({
  queryKey: ["session"],
  queryFn: ({ signal }) => get<Session>("/api/v1/session", {}, signal),
  staleTime: 60_000,
  retry: false,
});
