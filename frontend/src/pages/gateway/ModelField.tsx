/** A model's name as it is typed in; the same, with those that were used lately or that accounts offer to choose from, out. */
import { Autocomplete } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { offered } from "./models.ts";
import { accountList, modelList, usedModels } from "./questions.ts";

const MOST_SHOWN = 100;

interface ModelFieldProps {
  value: string;
  /** Whether a config says it otherwise. */
  optional: boolean;
  change: (model: string) => void;
}

export function ModelField({ value, optional, change }: ModelFieldProps) {
  // Providers are asked only when somebody is about to choose.
  const [wanted, setWanted] = useState(false);
  const accounts = (useQuery(accountList()).data?.data ?? []).filter((one) => one.enabled);
  const used = useQuery({ ...usedModels(), enabled: wanted });
  const listed = useQuery({ ...modelList(), enabled: wanted && accounts.length > 0 });
  const groups = offered(
    (used.data?.groups ?? []).map((one) => String(one["model"] ?? "")),
    (listed.data?.data ?? []).map((one) => one.id),
    accounts.map((one) => one.slug),
  );
  return (
    <Autocomplete
      label="Model"
      placeholder={optional ? "as the config says" : "gpt-4o-mini, @account/model"}
      data={groups}
      limit={MOST_SHOWN}
      // The list itself scrolls: a box around it would want the focus that the field has.
      withScrollArea={false}
      styles={{ options: { maxHeight: 320, overflowY: "auto" } }}
      aria-busy={wanted && listed.isFetching}
      value={value}
      onFocus={() => setWanted(true)}
      onChange={change}
    />
  );
}
