/** A key and its limit, if any, in; the limit it has from now on, out. */
import { NumberInput, Select, Textarea, TextInput } from "@mantine/core";
import { useState } from "react";
import { send } from "../../api/client.ts";
import { useDoing } from "../../ui/doing.ts";
import { Form } from "../../ui/Form.tsx";
import type { Limited } from "./Keys.tsx";
import { type Limit, LIMITS } from "./questions.ts";

const SPENT: { value: Limit["when_spent"]; label: string }[] = [
  { value: "block", label: "refuse the call" },
  { value: "warn", label: "let it through, with a warning header" },
  { value: "cheaper", label: "send it to a cheaper model" },
  { value: "cache", label: "answer from the cache, else refuse" },
];

const MOST = [
  ["requests_per_minute", "Requests per minute"],
  ["tokens_per_minute", "Tokens per minute"],
  ["concurrent", "At once"],
] as const;

export function LimitForm({ of, close }: { of: Limited; close: () => void }) {
  const doing = useDoing();
  const [models, setModels] = useState(of.limit?.models?.join("\n") ?? "");
  const [most, setMost] = useState<Record<string, number | string>>(() =>
    Object.fromEntries(MOST.map(([name]) => [name, of.limit?.[name] ?? ""])),
  );
  const [spent, setSpent] = useState<Limit["when_spent"]>(of.limit?.when_spent ?? "block");
  const [cheaper, setCheaper] = useState(of.limit?.cheaper_model ?? "");
  const patterns = models.split(/[\s,]+/).filter(Boolean);
  const save = () => {
    const wanted = {
      models: patterns.length ? patterns : null,
      ...Object.fromEntries(MOST.map(([name]) => [name, most[name] === "" ? null : Number(most[name])])),
      when_spent: spent,
      cheaper_model: spent === "cheaper" ? cheaper : "",
    };
    doing.run(() => send("PUT", `${LIMITS}/${of.id}`, {}, wanted), close);
  };
  return (
    <Form title={`Limit of ${of.name}`} save={save} close={close} doing={doing} wrong={spent === "cheaper" && !cheaper}>
      <Textarea
        label="Models"
        description="Patterns with * and ?, such as gpt-4o*; empty: all"
        data-autofocus
        autosize
        minRows={2}
        value={models}
        onChange={(e) => setModels(e.currentTarget.value)}
      />
      <div className="form-row">
        {MOST.map(([name, label]) => (
          <NumberInput
            key={name}
            label={label}
            placeholder="no limit"
            hideControls
            min={0}
            allowDecimal={false}
            value={most[name] ?? ""}
            onChange={(value) => setMost((now) => ({ ...now, [name]: value }))}
          />
        ))}
      </div>
      <Select
        label="When a blocking budget has no room"
        allowDeselect={false}
        data={SPENT}
        value={spent}
        onChange={(value) => setSpent((value ?? "block") as Limit["when_spent"])}
      />
      {spent === "cheaper" && (
        <TextInput
          label="Cheaper model"
          placeholder="gpt-4o-mini, @account/model"
          required
          value={cheaper}
          onChange={(e) => setCheaper(e.currentTarget.value)}
        />
      )}
    </Form>
  );
}
