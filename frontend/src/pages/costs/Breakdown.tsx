/** What cost what: one row per value of one dimension, or of two; sorted by any column, and as a file for billing. */
import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { asCurl } from "../../api/client.ts";
import { download, keep } from "../../api/download.ts";
import { usePlace } from "../../app/place.ts";
import { Panel } from "../../ui/Panel.tsx";
import { PlainTable } from "../../ui/PlainTable.tsx";
import { asked, first } from "../../url.ts";
import { BreakdownRow } from "./BreakdownRow.tsx";
import { By } from "./By.tsx";
import { GoodAnswers } from "./GoodAnswers.tsx";
import { byOf, divided, groups, groupsBefore } from "./questions.ts";
import { COLUMNS, csv, nested, rows, sorted } from "./rows.ts";

const AT_ONCE = 50;

export function Breakdown() {
  const { search, change } = usePlace();
  const by = byOf(search);
  const answer = useQuery(groups(search, by.join(",")));
  const before = useQuery(groupsBefore(search, by.join(",")));
  const [outer = "model", inner] = by;
  const parents = useQuery({ ...groups(search, outer), enabled: inner !== undefined });
  const parentsBefore = useQuery(groupsBefore(search, outer));
  const [shown, setShown] = useState(AT_ONCE);
  const sort = first(search, "sort") ?? "-cost";
  const sortBy = (column: string) =>
    change((now) => ({ ...now, sort: sort === `-${column}` ? column : `-${column}` }), { replace: true });
  const file = `cost-by-${by.join("-").replaceAll(".", "-")}`;
  const bill = () => {
    const data = answer.data;
    if (data)
      keep(new Blob([csv(data, sorted(rows(data, undefined, by), "-cost"), by)], { type: "text/csv" }), `${file}.csv`);
  };
  const exported = (format: string) =>
    void download(
      "/api/v1/export",
      { ...asked(search), ...divided(search, by.join(",")), format },
      `${file}.${format}`,
    );
  return (
    <Panel
      title="Breakdown"
      query={answer}
      height={420}
      curl={asCurl("/api/v1/spend", { ...asked(search), ...divided(search, by.join(",")) })}
      more={[
        { label: "Save as CSV for billing", run: bill },
        { label: "Save as JSON lines", run: () => exported("jsonl") },
        { label: "Save as Parquet", run: () => exported("parquet") },
      ]}
      actions={<By />}
    >
      {(data) => {
        const compared = before.isEnabled && before.data ? before.data : undefined;
        const alone = rows(data, compared, by);
        const above =
          inner && parents.data
            ? rows(parents.data, parentsBefore.isEnabled ? parentsBefore.data : undefined, [outer])
            : null;
        const found = above ? nested(above, alone, sort) : sorted(alone, sort);
        if (!found.length) return <p className="empty">Nothing in this range.</p>;
        const headed = COLUMNS.filter(([column]) => column !== "delta" || before.isEnabled);
        return (
          <>
            <PlainTable label="Breakdown" className="breakdown">
              <thead>
                <tr>
                  {by.map((dimension) => (
                    <Heading
                      key={dimension}
                      column="name"
                      title={dimension.replace("_", " ").replace(/^score\./, "score ")}
                      {...{ sort, sortBy }}
                    />
                  ))}
                  {headed.map(([column, title]) => (
                    <Heading key={column} column={column} title={title} right {...{ sort, sortBy }} />
                  ))}
                </tr>
              </thead>
              <tbody>
                {found.slice(0, shown).map((row) => (
                  <BreakdownRow key={row.key} row={row} by={by} compared={before.isEnabled} />
                ))}
              </tbody>
            </PlainTable>
            {by.length === 1 && outer.startsWith("score.") && <GoodAnswers of={alone} score={outer} />}
            {found.length > shown && (
              <Button variant="subtle" size="compact-sm" mt={8} onClick={() => setShown(shown + 2 * AT_ONCE)}>
                {shown} of {found.length} are shown: show more
              </Button>
            )}
          </>
        );
      }}
    </Panel>
  );
}

interface HeadingProps {
  column: string;
  title: string;
  right?: boolean;
  sort: string;
  sortBy: (column: string) => void;
}

function Heading({ column, title, right = false, sort, sortBy }: HeadingProps) {
  const falling = sort === `-${column}`;
  const on = falling || sort === column;
  return (
    <th scope="col" className={right ? "r" : ""} aria-sort={on ? (falling ? "descending" : "ascending") : undefined}>
      <button type="button" className="sort" onClick={() => sortBy(column)}>
        {title} {on && <span aria-hidden>{falling ? "▼" : "▲"}</span>}
      </button>
    </th>
  );
}
