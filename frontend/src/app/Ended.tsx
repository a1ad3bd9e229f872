/** Nothing in; that the session has ended, and the way back to this page, out, once an answer says so. */
import { Link, useLocation } from "@tanstack/react-router";
import { useSyncExternalStore } from "react";
import { hasEnded, subscribe } from "../api/signed.ts";
import "../ui/banner.css";

export function Ended() {
  const ended = useSyncExternalStore(subscribe, hasEnded);
  const { href } = useLocation();
  if (!ended) return null;
  const to = { to: "/sign-in" as never, search: { next: href } as never };
  return (
    <aside className="notice error banner" role="alert" aria-label="Session">
      <span>
        You are signed out: nothing here is new any more. <Link {...to}>Sign in</Link> and come back to this page, or{" "}
        <Link {...to} target="_blank">
          sign in in a new tab
        </Link>{" "}
        to keep what you have entered here.
      </span>
    </aside>
  );
}
