/** Ids of calls or traces in; a dialog that shows what items they would be, and makes them, out. */
import { Select, Switch } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { type Schemas, send } from "../api/client.ts";
import { question } from "../api/questions.ts";
import { count } from "../format.ts";
import { useDoing } from "./doing.ts";
import { Form } from "./Form.tsx";

type Put = Schemas["ItemsPut"];

export function AddingToDataset({ ids, close }: { ids: readonly string[]; close: () => void }) {
  const known = useQuery(question<Schemas["DatasetList"]>("/api/v1/datasets", { limit: "1000" }));
  const doing = useDoing();
  const [dataset, setDataset] = useState<string | null>(null);
  const [isExpected, setExpected] = useState(true);
  const [told, setTold] = useState<Put | null>(null);
  const all = known.data?.data ?? [];
  const put = (isDry: boolean) =>
    doing.run(async () => {
      const wanted = { ids, expected_output: isExpected, dry_run: isDry };
      const path = `/api/v1/datasets/${encodeURIComponent(dataset ?? "")}/items/from_calls`;
      setTold(await send<Put>("POST", path, {}, wanted));
    });
  const isLookedAt = told?.dry_run && !told.errors.length;
  return (
    <Form
      title={ids.length === 1 ? "Add to dataset" : `Add ${count(ids.length)} to dataset`}
      save={() => put(!isLookedAt)}
      saveTitle={isLookedAt ? "Add" : "Look what it would be"}
      close={close}
      doing={doing}
      wrong={!dataset || told?.dry_run === false}
    >
      <Select
        label="Dataset"
        required
        searchable
        nothingFoundMessage="There is none. Make one under Datasets."
        data={all.map((one) => ({ value: one.id, label: one.name }))}
        value={dataset}
        onChange={(next) => {
          setDataset(next);
          setTold(null);
        }}
      />
      <Switch
        label="What was answered is what is to be expected"
        checked={isExpected}
        onChange={(event) => {
          setExpected(event.currentTarget.checked);
          setTold(null);
        }}
      />
      {told && <Told of={told} />}
    </Form>
  );
}

function Told({ of }: { of: Put }) {
  const [fault] = of.errors;
  if (fault)
    return (
      <p className="notice error" role="status">
        {fault.message}
        {of.errors.length > 1 && `, and ${count(of.errors.length - 1)} more mistakes`}. Nothing is added.
      </p>
    );
  const counts = `${count(of.new)} new, ${count(of.changed)} changed, ${count(of.unchanged)} as they were`;
  return (
    <p className={of.dry_run ? "notice" : "notice ok"} role="status">
      {of.dry_run ? `It would be ${counts}.` : `Added: ${counts}.`}
    </p>
  );
}
