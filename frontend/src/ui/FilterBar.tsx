/** The page's filters as chips, and a way to add one. */
import { Button, Group, Popover, Select, TextInput } from "@mantine/core";
import { IconFilterPlus } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { spend } from "../api/questions.ts";
import { usePlace } from "../app/place.ts";
import { asked, FILTERS, filtersOf, withFilter, withoutFilter, withoutFilters } from "../url.ts";

const LABELS: Record<string, string> = {
  prompt_version: "prompt version",
  min_cost: "cost ≥",
  min_latency: "latency ≥ ms",
  q: "text",
};

export function label(name: string): string {
  return LABELS[name] ?? name.replace("tag.", "tag ");
}

export function FilterBar() {
  const { search, change } = usePlace();
  const held = filtersOf(search);
  return (
    <Group gap={6} aria-label="Filters" role="group">
      {held.map(({ name, value }) => (
        <span className="chip" key={`${name}=${value}`}>
          {label(name)} {value.startsWith("!") ? "is not" : "is"} <strong>{value.replace(/^!/, "") || "(none)"}</strong>
          <button
            type="button"
            aria-label={`Remove filter ${label(name)} ${value}`}
            onClick={() => change((now) => withoutFilter(now, name, value))}
          >
            ×
          </button>
        </span>
      ))}
      <AddFilter />
      {held.length > 1 && (
        <Button variant="subtle" color="gray" size="compact-sm" onClick={() => change(withoutFilters)}>
          Clear
        </Button>
      )}
    </Group>
  );
}

const WRITTEN = new Set(["q", "min_cost", "min_latency"]);

function AddFilter() {
  const { change } = usePlace();
  const [open, setOpen] = useState(false);
  const [name, setName] = useState<string>("model");
  const [tag, setTag] = useState("");
  const add = (value: string) => {
    if (!value) return;
    const key = name === "tag" ? `tag.${tag}` : name;
    change((now) => withFilter(now, key, value));
    setOpen(false);
  };
  return (
    <Popover opened={open} onChange={setOpen} trapFocus position="bottom-start" width={320}>
      <Popover.Target>
        <Button
          variant="default"
          size="compact-sm"
          leftSection={<IconFilterPlus size={14} />}
          onClick={() => setOpen(!open)}
          data-add-filter
        >
          Filter
        </Button>
      </Popover.Target>
      <Popover.Dropdown>
        <Select
          label="Filter by"
          size="xs"
          data={[...FILTERS.map((value) => ({ value, label: label(value) })), { value: "tag", label: "tag…" }]}
          value={name}
          onChange={(value) => setName(value ?? "model")}
          allowDeselect={false}
          searchable
          comboboxProps={{ withinPortal: false }}
        />
        {name === "tag" && (
          <TextInput label="Tag" size="xs" mt={8} value={tag} onChange={(event) => setTag(event.currentTarget.value)} />
        )}
        {WRITTEN.has(name) ? <Written add={add} /> : <Values name={name === "tag" ? `tag.${tag}` : name} add={add} />}
      </Popover.Dropdown>
    </Popover>
  );
}

function Written({ add }: { add: (value: string) => void }) {
  const [value, setValue] = useState("");
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        add(value);
      }}
    >
      <TextInput
        label="Value"
        size="xs"
        mt={8}
        value={value}
        onChange={(event) => setValue(event.currentTarget.value)}
      />
      <Button size="xs" mt={8} type="submit">
        Add
      </Button>
    </form>
  );
}

/** The values that are there, the dearest first. */
function Values({ name, add }: { name: string; add: (value: string) => void }) {
  const { search } = usePlace();
  const answer = useQuery({
    ...spend({ ...asked(withoutFilters(search)), by: name, granularity: "none" }),
    enabled: name !== "tag.",
  });
  const found = (answer.data?.groups ?? []).map((group) => {
    const value = (group as unknown as Record<string, unknown>)[name];
    return { value: value === null || value === undefined ? "" : String(value), calls: group.calls };
  });
  return (
    <Select
      label="Value"
      size="xs"
      mt={8}
      searchable
      placeholder={answer.isPending ? "…" : `${found.length} values`}
      data={found
        .filter((one) => one.value)
        .slice(0, 500)
        .map((one) => ({ value: one.value, label: `${one.value}  (${one.calls})` }))}
      onChange={(value) => add(value ?? "")}
      comboboxProps={{ withinPortal: false }}
      nothingFoundMessage="Nothing in this range"
    />
  );
}
