/** The page's address in; its search and the ways to change it, out. */
import { useNavigate, useRouterState } from "@tanstack/react-router";
import { useCallback } from "react";
import type { Search } from "../url.ts";

export interface Place {
  path: string;
  search: Search;
  /** Filters and ranges push history; what is only looked at replaces it. */
  change: (next: (search: Search) => Search, options?: { replace?: boolean }) => void;
  go: (path: string, search?: Search) => void;
}

export function usePlace(): Place {
  const location = useRouterState({ select: (state) => state.location });
  const navigate = useNavigate();
  const search = location.search as Search;
  const change = useCallback<Place["change"]>(
    (next, options) => {
      void navigate({
        to: ".",
        search: ((before: Search) => next(before)) as never,
        replace: options?.replace ?? false,
      });
    },
    [navigate],
  );
  const go = useCallback<Place["go"]>(
    (path, wanted) => {
      void navigate({ to: path as never, search: (wanted ?? {}) as never });
    },
    [navigate],
  );
  return { path: location.pathname, search, change, go };
}
