/** Costs. */
import { Page } from "../../app/Shell.tsx";

export function Costs() {
  return (
    <Page title="Costs" ranged>
      {null}
    </Page>
  );
}
