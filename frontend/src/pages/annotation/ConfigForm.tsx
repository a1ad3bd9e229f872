/** What is typed in; what scores of a name may be, kept, out. */
import { Select, Textarea, TextInput } from "@mantine/core";
import { useState } from "react";
import { send } from "../../api/client.ts";
import { useDoing } from "../../ui/doing.ts";
import { Form } from "../../ui/Form.tsx";
import { type Config, CONFIGS } from "./questions.ts";

const KINDS = [
  { value: "NUMERIC", label: "number" },
  { value: "BOOLEAN", label: "yes or no" },
  { value: "CATEGORICAL", label: "one of some labels" },
  { value: "TEXT", label: "text" },
];

export function ConfigForm({ close }: { close: () => void }) {
  const doing = useDoing();
  const [name, setName] = useState("");
  const [kind, setKind] = useState<Config["data_type"]>("NUMERIC");
  const [bounds, setBounds] = useState({ low: "0", high: "1" });
  const [labels, setLabels] = useState("");
  const [about, setAbout] = useState("");
  const told = [...new Set(labels.split("\n").map((one) => one.trim()))].filter(Boolean);
  const number = (text: string) => (text.trim() ? Number(text) : null);
  const [low, high] = [number(bounds.low), number(bounds.high)];
  const outOf = kind === "NUMERIC" && (Number.isNaN(low) || Number.isNaN(high));
  const crossed = kind === "NUMERIC" && low !== null && high !== null && low >= high;
  const body = {
    name: name.trim(),
    data_type: kind,
    description: about.trim() || null,
    ...(kind === "NUMERIC" ? { min_value: low, max_value: high } : {}),
    // The first is the best: it has the highest number.
    ...(kind === "CATEGORICAL"
      ? { categories: told.map((label, at) => ({ label, value: told.length - 1 - at })) }
      : {}),
  };
  return (
    <Form
      title="New score"
      save={() => doing.run(() => send("POST", CONFIGS, {}, body), close)}
      close={close}
      doing={doing}
      wrong={!body.name || outOf || crossed || (kind === "CATEGORICAL" && !told.length)}
    >
      <TextInput
        label="Name"
        required
        data-autofocus
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <Select
        label="It is"
        allowDeselect={false}
        data={KINDS}
        value={kind}
        onChange={(chosen) => setKind((chosen ?? "NUMERIC") as Config["data_type"])}
      />
      {kind === "NUMERIC" && (
        <div className="form-row">
          <TextInput
            label="At least"
            value={bounds.low}
            error={Number.isNaN(low) ? "A number." : undefined}
            onChange={(event) => setBounds({ ...bounds, low: event.currentTarget.value })}
          />
          <TextInput
            label="At most"
            value={bounds.high}
            error={Number.isNaN(high) ? "A number." : crossed ? "More than the least." : undefined}
            onChange={(event) => setBounds({ ...bounds, high: event.currentTarget.value })}
          />
        </div>
      )}
      {kind === "CATEGORICAL" && (
        <Textarea
          label="Labels"
          description="A line for each, the best first."
          required
          autosize
          minRows={3}
          value={labels}
          onChange={(event) => setLabels(event.currentTarget.value)}
        />
      )}
      <TextInput
        label="About"
        description="How people tell which it is."
        value={about}
        onChange={(event) => setAbout(event.currentTarget.value)}
      />
    </Form>
  );
}
