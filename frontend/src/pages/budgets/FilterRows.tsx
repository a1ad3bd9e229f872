/** Filters of a budget in; rows to add, change and remove them, and the filters then, out. */
import { ActionIcon, Autocomplete, Select } from "@mantine/core";
import { IconX } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { spend, tagKeys } from "../../api/questions.ts";
import { RowButton } from "../../ui/RowButton.tsx";
import type { Row } from "./rows.ts";

const NAMES = [
  "environment",
  "feature",
  "team",
  "tenant",
  "user",
  "provider",
  "model",
  "config",
  "variant",
  "prompt_version",
];

export function FilterRows({ rows, change }: { rows: readonly Row[]; change: (rows: Row[]) => void }) {
  const put = (at: number, row: Row) => change(rows.map((one, index) => (index === at ? row : one)));
  return (
    <fieldset style={{ border: 0, padding: 0, margin: 0, display: "grid", gap: 6 }}>
      <legend style={{ fontSize: 13, fontWeight: 500, padding: 0 }}>Which calls count</legend>
      {!rows.length && <span className="muted">All calls of the project.</span>}
      {rows.map((row, at) => (
        // Rows have no name of their own, and never change places.
        <OneRow key={at} row={row} put={(next) => put(at, next)} drop={() => change(rows.filter((_, n) => n !== at))} />
      ))}
      <div>
        <RowButton variant="default" onClick={() => change([...rows, { name: "feature", value: "" }])}>
          Add a filter
        </RowButton>
      </div>
    </fieldset>
  );
}

function OneRow({ row, put, drop }: { row: Row; put: (row: Row) => void; drop: () => void }) {
  const tag = row.name.startsWith("tag.");
  const known = useQuery({
    ...spend({ from: "now-30d", by: row.name, granularity: "none" }),
    enabled: !tag || row.name.length > 4,
  });
  const tags = useQuery({ ...tagKeys({ from: "now-30d" }), enabled: tag });
  const values = (known.data?.groups ?? [])
    .map((group) => (group as unknown as Record<string, unknown>)[row.name])
    .filter((value): value is string => typeof value === "string" && value !== "");
  return (
    <div style={{ display: "flex", gap: 6, alignItems: "center" }}>
      <Select
        aria-label="Dimension"
        size="xs"
        w={150}
        allowDeselect={false}
        data={[...NAMES, { value: "tag", label: "a tag…" }]}
        value={tag ? "tag" : row.name}
        onChange={(name) => put({ name: name === "tag" ? "tag." : (name ?? "feature"), value: "" })}
      />
      {tag && (
        <Autocomplete
          aria-label="Tag"
          size="xs"
          w={130}
          placeholder="tag"
          data={(tags.data?.data ?? []).map((one) => one.key)}
          value={row.name.slice(4)}
          onChange={(name) => put({ ...row, name: `tag.${name}` })}
        />
      )}
      <Autocomplete
        aria-label="Value"
        size="xs"
        style={{ flex: 1 }}
        placeholder="value, or !value for all others"
        data={[...new Set(values)]}
        value={row.value}
        onChange={(value) => put({ ...row, value })}
      />
      <ActionIcon variant="subtle" color="gray" size={26} aria-label="Remove this filter" onClick={drop}>
        <IconX size={14} />
      </ActionIcon>
    </div>
  );
}
