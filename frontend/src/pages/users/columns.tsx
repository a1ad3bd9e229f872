/** What the list of users shows of each. */
import { Link } from "@tanstack/react-router";
import type { Schemas } from "../../api/client.ts";
import { count } from "../../format.ts";
import type { Column } from "../../ui/table/Grid.tsx";
import type { Search } from "../../url.ts";
import { summedColumns } from "../sessions/columns.tsx";

export type User = Schemas["User"];

export function userColumns(zone: string, along: Search): readonly Column<User>[] {
  return [
    {
      key: "user",
      title: "User",
      width: 200,
      usual: true,
      cell: (row) => (
        <Link tabIndex={-1} to={userHref(row) as never} search={along as never}>
          {row.user_id}
        </Link>
      ),
      hint: (row) => row.user_id,
    },
    {
      key: "sessions",
      title: "Sessions",
      width: 80,
      usual: true,
      right: true,
      cell: (row) => count(row.session_count),
    },
    ...summedColumns<User>(zone),
  ];
}

export const userId = (row: User) => row.user_id;
export const userHref = (row: User) => `/users/${encodeURIComponent(row.user_id)}`;
