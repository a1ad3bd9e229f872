/** A comparison in; its items beside each other, those that matter first, walked by keys, out. */
import { NumberInput, Select } from "@mantine/core";
import { useDebouncedCallback } from "@mantine/hooks";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { asCurl } from "../../api/client.ts";
import { usePlace } from "../../app/place.ts";
import { count } from "../../format.ts";
import { Panel } from "../../ui/Panel.tsx";
import { first } from "../../url.ts";
import { ItemGrid } from "./ItemGrid.tsx";
import { type Comparison, items, PATH, picking } from "./questions.ts";

const ONLY = [
  { value: "", label: "All items" },
  { value: "regressed", label: "Regressed only" },
  { value: "improved", label: "Improved only" },
  { value: "missing", label: "Missing" },
  { value: "failed", label: "Failed" },
];
const SORT = [
  { value: "", label: "By item" },
  { value: "regression", label: "Largest regression first" },
  { value: "cost_change", label: "Largest cost change first" },
];
const PAUSE_MS = 400;

export function Items({ of }: { of: Comparison }) {
  const { search } = usePlace();
  const answer = useInfiniteQuery(items(search));
  const rows = useMemo(() => answer.data?.pages.flatMap((page) => page.data) ?? [], [answer.data]);
  const total = answer.data?.pages[0]?.total;
  const more = answer.hasNextPage && !answer.isFetchingNextPage ? () => void answer.fetchNextPage() : undefined;
  return (
    <Panel
      title="Items"
      finding={total !== undefined && `${count(total)} · n and p: next and previous regression`}
      query={answer}
      height={400}
      curl={asCurl(`${PATH}/compare/items`, picking(search))}
      actions={<Picking of={of} />}
    >
      {() =>
        rows.length ? (
          <ItemGrid of={of} rows={rows} total={total ?? rows.length} score={first(search, "score") ?? ""} more={more} />
        ) : (
          <p className="empty">No item is like that.</p>
        )
      }
    </Panel>
  );
}

function Picking({ of }: { of: Comparison }) {
  const { search, change } = usePlace();
  const score = first(search, "score") ?? "";
  const set = (name: string, value: string) =>
    change(({ [name]: _, ...rest }) => (value ? { ...rest, [name]: value } : rest), { replace: true });
  const below = useDebouncedCallback((value: string) => set("below", value), PAUSE_MS);
  return (
    <div className="terms">
      <Select
        size="xs"
        aria-label="Which items"
        allowDeselect={false}
        data={ONLY}
        value={first(search, "only") ?? ""}
        onChange={(value) => set("only", value ?? "")}
      />
      <Select
        size="xs"
        aria-label="Which score"
        allowDeselect={false}
        data={[{ value: "", label: "Any score" }, ...of.scores.map((one) => one.name)]}
        value={score}
        onChange={(value) => set("score", value ?? "")}
      />
      {score && (
        <NumberInput
          size="xs"
          w={110}
          aria-label={`${score} below`}
          placeholder="below …"
          hideControls
          defaultValue={first(search, "below") ?? ""}
          onChange={(value) => below(String(value))}
        />
      )}
      <Select
        size="xs"
        aria-label="Order"
        allowDeselect={false}
        data={SORT}
        value={first(search, "sort") ?? ""}
        onChange={(value) => set("sort", value ?? "")}
      />
    </div>
  );
}
