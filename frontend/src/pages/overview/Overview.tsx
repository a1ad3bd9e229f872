/** The morning's page: what was spent, on what, by whom, what needs a look, and the latest calls. */
import { useQuery } from "@tanstack/react-query";
import { Page } from "../../app/Shell.tsx";
import { usePlace } from "../../app/place.ts";
import { Empty } from "../../ui/Empty.tsx";
import { Attention } from "./Attention.tsx";
import { BudgetStrip } from "./BudgetStrip.tsx";
import { Charts } from "./Charts.tsx";
import { Latest } from "./Latest.tsx";
import "./overview.css";
import { head } from "./questions.ts";
import { Tiles } from "./Tiles.tsx";
import { TopSpenders } from "./TopSpenders.tsx";

export function Overview() {
  const { search } = usePlace();
  const all = useQuery(head(search));
  return (
    <Page title="Overview" ranged>
      <Tiles />
      <BudgetStrip />
      {all.data?.total.calls === 0 && !all.isPlaceholderData && <Empty />}
      <Charts />
      <Attention />
      <TopSpenders />
      <Latest />
    </Page>
  );
}
