/** What was spent, on what, and why it changed; how well tokens are used. */
import { SegmentedControl } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { Page } from "../../app/Shell.tsx";
import { usePlace } from "../../app/place.ts";
import { first } from "../../url.ts";
import { CostOverview } from "./CostOverview.tsx";
import { GRANULARITIES, granularityOf } from "./questions.ts";
import { TokenEfficiency } from "./TokenEfficiency.tsx";
import { Why } from "./Why.tsx";
import "./costs.css";

const TABS = [
  ["/costs", "LLM Cost Overview"],
  ["/costs/tokens", "Token efficiency"],
] as const;

export function Costs() {
  const { path, search, change } = usePlace();
  const tokens = path.endsWith("/tokens");
  return (
    <Page title="Costs" ranged>
      <div className="costs-bar">
        <nav className="tabs" aria-label="Views of costs">
          {TABS.map(([to, title]) => (
            <Link
              key={to}
              to={to as never}
              search={search as never}
              activeOptions={{ exact: true, includeSearch: false }}
              aria-current={(to === "/costs/tokens") === tokens ? "page" : undefined}
            >
              {title}
            </Link>
          ))}
        </nav>
        <SegmentedControl
          aria-label="Steps of time"
          size="xs"
          data={[...GRANULARITIES]}
          value={granularityOf(search)}
          onChange={(gran) => change(({ gran: _, ...rest }) => (gran === "auto" ? rest : { ...rest, gran }))}
        />
        <button type="button" className="link" onClick={() => change((now) => ({ cmp: "prev", ...now, why: "all" }))}>
          Why did it change?
        </button>
      </div>
      {first(search, "why") !== undefined && <Why />}
      {tokens ? <TokenEfficiency /> : <CostOverview />}
    </Page>
  );
}
