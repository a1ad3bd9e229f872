/** An address that is none of ours in; the way back, out. */
import { Link } from "@tanstack/react-router";
import { Page } from "./Shell.tsx";

export function NotFound() {
  return (
    <Page title="No such page">
      <p className="empty">
        There is nothing at this address. <Link to="/">Go to the overview</Link>, or press Ctrl K to look for a page.
      </p>
    </Page>
  );
}
