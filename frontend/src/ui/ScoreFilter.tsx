/** The latest scores in; a name, how it is compared and with what, as a filter, out. */
import { Button, Group, Select, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { latestScores, namesOf } from "./knownScores.ts";

const HOW = [
  { value: ">", label: "at least" },
  { value: "<", label: "at most" },
  { value: "", label: "is" },
  { value: "!", label: "is not" },
  { value: "any", label: "somebody judged" },
  { value: "none", label: "nobody judged" },
];

export function ScoreFilter({ add }: { add: (name: string, value: string) => void }) {
  const answer = useQuery(latestScores());
  const known = answer.data?.data ?? [];
  const names = namesOf(answer.data);
  const [name, setName] = useState("");
  const [typed, setTyped] = useState("");
  const labels = [...new Set(known.filter((one) => one.name === name).flatMap((one) => one.label ?? []))].sort();
  const [chosen, setHow] = useState<string | null>(null);
  const how = chosen ?? (labels.length ? "" : ">");
  const [value, setValue] = useState("");
  const whether = how === "any" || how === "none";
  const tell = () => {
    if (whether) add(`score.${name}`, how === "any" ? "!" : "");
    else if (how === "<" || how === ">") add(`score.${name}${how}`, value.trim());
    else add(`score.${name}`, `${how}${value.trim()}`);
  };
  const bound = how === "<" || how === ">";
  const wrong = bound && value.trim() !== "" && !/^-?\d+(\.\d+)?$/.test(value.trim());
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (name && (whether || (value.trim() && !wrong))) tell();
      }}
    >
      <Select
        label="Score"
        size="xs"
        mt={8}
        searchable
        placeholder={answer.isPending ? "…" : `${names.length} names`}
        data={[...new Set([...names, name, typed])].filter(Boolean)}
        value={name || null}
        onSearchChange={setTyped}
        onChange={(next) => {
          setName(next ?? "");
          setHow(null);
          setValue("");
        }}
        comboboxProps={{ withinPortal: false }}
        nothingFoundMessage="Nothing has been judged yet"
      />
      <Group gap={8} mt={8} align="start" wrap="nowrap">
        <Select
          aria-label="How it is compared"
          size="xs"
          w={132}
          data={HOW}
          value={how}
          allowDeselect={false}
          onChange={(next) => setHow(next ?? "")}
          comboboxProps={{ withinPortal: false }}
        />
        {!whether &&
          (labels.length && !bound ? (
            <Select
              aria-label="With what"
              size="xs"
              data={labels}
              value={value || null}
              onChange={(next) => setValue(next ?? "")}
              comboboxProps={{ withinPortal: false }}
            />
          ) : (
            <TextInput
              aria-label="With what"
              size="xs"
              placeholder={bound ? "0.8" : ""}
              value={value}
              error={wrong ? "A number, such as 0.8." : undefined}
              onChange={(event) => setValue(event.currentTarget.value)}
            />
          ))}
      </Group>
      <Button size="xs" mt={8} type="submit" disabled={!name || (!whether && (!value.trim() || wrong))}>
        Add
      </Button>
    </form>
  );
}
