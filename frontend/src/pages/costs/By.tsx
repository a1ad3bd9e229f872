/** Which dimensions the table has, and where ranges of a score begin. */
import { Select, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { tagKeys } from "../../api/questions.ts";
import { usePlace } from "../../app/place.ts";
import { RowButton } from "../../ui/RowButton.tsx";
import { latestScores, namesOf } from "../../ui/knownScores.ts";
import { asked, first, withoutFilters } from "../../url.ts";
import { byOf, DIMENSIONS, edgesOf } from "./questions.ts";

/** The tags that calls of this range have are among them, and the names of scores; any other can be written. */
export function By() {
  const { search, change } = usePlace();
  const known = useQuery(tagKeys(asked(withoutFilters(search))));
  const scores = useQuery(latestScores());
  const [typed, setTyped] = useState("");
  const by = byOf(search);
  const tags = new Set((known.data?.data ?? []).map((tag) => `tag.${tag.key}`));
  const judged = new Set(namesOf(scores.data).map((name) => `score.${name}`));
  for (const one of [...by, typed]) {
    if (one.startsWith("tag.") && one.length > 4) tags.add(one);
    if (one.startsWith("score.") && one.length > 6) judged.add(one);
  }
  // A comma would divide it into two dimensions.
  const named = [...[...tags].sort(), ...[...judged].sort()].filter((one) => !one.includes(","));
  const choices = [...DIMENSIONS, ...named].map((value) => ({
    value,
    label: value.replace("_", " ").replace(/^(tag|score)\./, "$1 "),
  }));
  const choose = (next: (string | null)[]) => {
    const kept = next.filter((one): one is string => !!one);
    change(({ vs: _, good: __, ...now }) => ({ ...now, by: kept.join(",") || "model" }), { replace: true });
  };
  const tenant = tags.has("tag.tenantSlug") ? "tag.tenantSlug" : "tenant";
  const select = { size: "xs", w: 140, searchable: true, onSearchChange: setTyped } as const;
  return (
    <>
      <RowButton onClick={() => choose([tenant])}>Cost per tenant</RowButton>
      <Select
        {...select}
        aria-label="By"
        data={choices}
        value={by[0] ?? "model"}
        allowDeselect={false}
        onChange={(value) => choose([value, by[1] === value ? null : (by[1] ?? null)])}
      />
      <Select
        {...select}
        aria-label="And by"
        placeholder="and by…"
        clearable
        data={choices.filter((one) => one.value !== by[0])}
        value={by[1] ?? null}
        onChange={(value) => choose([by[0] ?? "model", value])}
      />
      {by.some((one) => one.startsWith("score.")) && <Edges />}
    </>
  );
}

function Edges() {
  const { search, change } = usePlace();
  const told = first(search, "edges") ?? "";
  return (
    <TextInput
      size="xs"
      w={120}
      aria-label="Where ranges of the score begin"
      placeholder="ranges: 0.5, 0.8"
      value={told}
      error={told !== "" && edgesOf(search) === undefined}
      onChange={(event) => {
        const edges = event.currentTarget.value;
        change(({ edges: _, good: __, ...now }) => (edges ? { ...now, edges } : now), { replace: true });
      }}
    />
  );
}
