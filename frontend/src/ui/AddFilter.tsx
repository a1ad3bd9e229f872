/** The page's range in; a filter chosen from what its calls carry, out. */
import { Button, Checkbox, Popover, Select, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense, useState } from "react";
import { spend, tagKeys } from "../api/questions.ts";
import { lasting } from "../app/lasting.ts";
import { usePlace } from "../app/place.ts";
import { isRest } from "../charts/series.ts";
import { count } from "../format.ts";
import { asked, FILTERS, withFilter, withoutFilters } from "../url.ts";
import { label } from "./filterWords.ts";
import type { Pressed } from "./Opener.tsx";
import { useOpening } from "./opening.ts";

// Few ask by score, and all pages carry this bar.
const ScoreFilter = lazy(
  lasting(() => import("./ScoreFilter.tsx").then((loaded) => ({ default: loaded.ScoreFilter }))),
);

const WRITTEN = new Set(["q", "min_cost", "min_latency"]);
/** The list itself is scrolled: what is around it no key could reach. */
const SCROLLED = { withScrollArea: false, styles: { options: { maxHeight: 250, overflowY: "auto" } } } as const;

/** A Select has no empty value; this is no value an application can send. */
const NOBODY_SAID = "\0";
const MOST_VALUES = 500;
const RATE_LIMITED = { value: "429", label: "429: refused by a rate limit" };

export function AddFilter({ button }: { button: Pressed }) {
  const { change } = usePlace();
  const { target, opened, setOpened } = useOpening();
  const [name, setName] = useState<string>("model");
  const [tag, setTag] = useState("");
  const [not, setNot] = useState(false);
  const key = name === "tag" ? `tag.${tag}` : name;
  const add = (value: string) => {
    change((now) => withFilter(now, key, not ? `!${value}` : value));
    setOpened(false);
  };
  return (
    <Popover opened={opened} onChange={setOpened} trapFocus returnFocus position="bottom-start" width={320}>
      <Popover.Target>
        <button ref={target} type="button" {...button} onClick={() => setOpened(!opened)} />
      </Popover.Target>
      <Popover.Dropdown>
        <Select
          {...SCROLLED}
          label="Filter by"
          size="xs"
          data={[
            ...FILTERS.map((value) => ({ value, label: label(value) })),
            { value: "tag", label: "tag…" },
            { value: "score", label: "score…" },
          ]}
          value={name}
          onChange={(value) => setName(value ?? "model")}
          allowDeselect={false}
          searchable
          comboboxProps={{ withinPortal: false }}
        />
        {name === "tag" && <TagKey tag={tag} choose={setTag} />}
        {name === "score" ? (
          <Suspense>
            <ScoreFilter
              add={(score, value) => {
                change((now) => withFilter(now, score, value));
                setOpened(false);
              }}
            />
          </Suspense>
        ) : WRITTEN.has(name) ? (
          <Written add={(value) => value && add(value)} />
        ) : (
          <>
            <Values name={key} add={add} />
            <Checkbox
              size="xs"
              mt={8}
              label="All others but this one"
              checked={not}
              onChange={(event) => setNot(event.currentTarget.checked)}
            />
          </>
        )}
      </Popover.Dropdown>
    </Popover>
  );
}

/** The tags that calls of this range carry, and any other that is written. */
function TagKey({ tag, choose }: { tag: string; choose: (tag: string) => void }) {
  const { search } = usePlace();
  const [typed, setTyped] = useState("");
  const answer = useQuery(tagKeys(asked(withoutFilters(search))));
  const known = (answer.data?.data ?? []).map((one) => one.key);
  return (
    <Select
      {...SCROLLED}
      label="Tag"
      size="xs"
      mt={8}
      searchable
      placeholder={answer.isPending ? "…" : `${known.length} tags`}
      data={[...new Set([...known, tag, typed])].filter(Boolean)}
      value={tag || null}
      onSearchChange={setTyped}
      onChange={(value) => choose(value ?? "")}
      comboboxProps={{ withinPortal: false }}
      nothingFoundMessage="No call in this range has a tag"
    />
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
  const groups = answer.isPlaceholderData ? [] : (answer.data?.groups ?? []);
  const found = groups
    .filter((group) => !isRest(group))
    .map((group) => {
      const value = (group as unknown as Record<string, unknown>)[name];
      const none = value === null || value === undefined || value === "";
      const text = none ? "(none)" : String(value);
      return { value: none ? NOBODY_SAID : text, label: `${text}  (${count(group.calls)})` };
    });
  return (
    <Select
      {...SCROLLED}
      label="Value"
      size="xs"
      mt={8}
      searchable
      disabled={name === "tag."}
      placeholder={answer.isPending ? "…" : `${found.length} values`}
      data={name === "status" ? [...found, RATE_LIMITED] : found.slice(0, MOST_VALUES)}
      onChange={(value) => value !== null && add(value === NOBODY_SAID ? "" : value)}
      comboboxProps={{ withinPortal: false }}
      nothingFoundMessage="Nothing in this range"
    />
  );
}
