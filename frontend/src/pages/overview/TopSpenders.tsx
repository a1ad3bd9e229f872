/** The five dearest of each kind; a row filters by itself. */
import { useQuery } from "@tanstack/react-query";
import { asCurl } from "../../api/client.ts";
import { usePlace } from "../../app/place.ts";
import { Panel } from "../../ui/Panel.tsx";
import { TopList } from "../../ui/TopList.tsx";
import { asked, withFilter } from "../../url.ts";
import { head, TOP, top, topBefore, useHeadDrawn } from "./questions.ts";

const KINDS = [
  ["model", "Top models"],
  ["feature", "Top features"],
  ["user", "Top users"],
  ["team", "Top teams"],
  ["tenant", "Top tenants"],
  ["prompt_version", "Top prompt versions"],
] as const;

export function TopSpenders() {
  const { search } = usePlace();
  const enabled = useHeadDrawn(search);
  return (
    <div className="grid thirds">
      {KINDS.map(([by, title]) => (
        <Top key={by} by={by} title={title} enabled={enabled} />
      ))}
    </div>
  );
}

function Top({ by, title, enabled }: { by: string; title: string; enabled: boolean }) {
  const { search } = usePlace();
  // Models are told by what the head of the page has asked anyway.
  const answer = useQuery(by === "model" ? head(search) : { ...top(search, by), enabled });
  const compared = topBefore(search, by);
  const before = useQuery({ ...compared, enabled: enabled && compared.enabled });
  return (
    <Panel title={title} query={answer} height={180} curl={asCurl("/api/v1/spend", { ...asked(search), by })}>
      {(data) => (
        <TopList
          by={by}
          groups={data.groups}
          total={data.total.cost_usd}
          most={TOP}
          before={before.isEnabled ? before.data : undefined}
          to={(value) => ({ search: withFilter(search, by, value) })}
        />
      )}
    </Panel>
  );
}
