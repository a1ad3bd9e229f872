/** The server's change tokens in; visible questions asked again, at most every two seconds, out. */
import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { address, chosenProject } from "../api/client.ts";

export type LiveState = "live" | "paused" | "reconnecting";

/** What new calls don't change, or not so that anybody would want a list walked again for it. */
const LASTING = new Set<unknown>(["session", "beside"]);
const EVERY_MS = 2000;
const POLL_MS = 10_000;
const AGAIN_MS = 3000;

export function useLive(on: boolean): LiveState {
  const queries = useQueryClient();
  const [state, setState] = useState<LiveState>("reconnecting");
  useEffect(() => {
    if (!on) {
      setState("paused");
      return;
    }
    let due: ReturnType<typeof setTimeout> | undefined;
    let last = 0;
    let gone = false;
    const refresh = () => {
      due = undefined;
      last = Date.now();
      // A question that was never answered is not asked twice: its answer may have been found before the change.
      const first = queries.getQueryCache().findAll({
        type: "active",
        fetchStatus: "fetching",
        predicate: (query) => query.state.data === undefined,
      });
      if (first.length) void Promise.allSettled(first.map((query) => query.promise)).then(changed);
      void queries.invalidateQueries({ refetchType: "active", predicate: (query) => !LASTING.has(query.queryKey[0]) });
    };
    const changed = () => {
      if (due || gone || document.hidden) return;
      due = setTimeout(refresh, Math.max(0, last + EVERY_MS - Date.now()));
    };
    const project = chosenProject();
    let source: EventSource;
    let again: ReturnType<typeof setTimeout> | undefined;
    let poll: ReturnType<typeof setInterval> | undefined;
    const connect = () => {
      source = new EventSource(address("/api/v1/live", project ? { project } : {}));
      source.addEventListener("change", changed);
      source.onopen = () => setState("live");
      source.onerror = () => {
        setState("reconnecting");
        poll ??= setInterval(() => !document.hidden && source.readyState !== EventSource.OPEN && refresh(), POLL_MS);
        // A browser tries a cut stream again by itself, but never one that was answered with an error.
        if (source.readyState === EventSource.CLOSED) again = setTimeout(connect, AGAIN_MS);
      };
    };
    connect();
    const seen = () => !document.hidden && changed();
    document.addEventListener("visibilitychange", seen);
    return () => {
      gone = true;
      source.close();
      clearTimeout(again);
      clearTimeout(due);
      clearInterval(poll);
      document.removeEventListener("visibilitychange", seen);
    };
  }, [on, queries]);
  return state;
}
