/** What the list of users shows of each. */
import { Link } from "@tanstack/react-router";
import type { Schemas } from "../../api/client.ts";
import { count } from "../../format.ts";
import type { Search } from "../../url.ts";
import { summedColumns } from "../sessions/columns.tsx";
import type { Column } from "../traces/Listing.tsx";

export type User = Schemas["User"];

export function userColumns(zone: string, along: Search): readonly Column<User>[] {
  return [
    {
      title: "User",
      width: "minmax(150px, 2fr)",
      cell: (row) => (
        <Link to={userHref(row) as never} search={along as never}>
          {row.user_id}
        </Link>
      ),
      hint: (row) => row.user_id,
    },
    { title: "Sessions", width: "66px", right: true, cell: (row) => count(row.session_count) },
    ...summedColumns<User>(zone),
  ];
}

export const userId = (row: User) => row.user_id;
export const userHref = (row: User) => `/users/${encodeURIComponent(row.user_id)}`;
