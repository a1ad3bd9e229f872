/** The first minutes: an endpoint, a key, a snippet, and the sign that it works. */
import { Page } from "../../app/Shell.tsx";
import { Connect } from "./Connect.tsx";

export function Setup() {
  return (
    <Page title="Setup">
      <Connect />
    </Page>
  );
}
