/** The scores there are in; a queue in which people give some of them, made, out. */
import { MultiSelect, TextInput } from "@mantine/core";
import { useState } from "react";
import { send } from "../../api/client.ts";
import { useDoing } from "../../ui/doing.ts";
import { Form } from "../../ui/Form.tsx";
import { type Config, QUEUES } from "./questions.ts";

export function QueueForm({ configs, close }: { configs: readonly Config[]; close: () => void }) {
  const doing = useDoing();
  const [name, setName] = useState("");
  const [about, setAbout] = useState("");
  const [chosen, setChosen] = useState<string[]>([]);
  const body = { name: name.trim(), description: about.trim() || null, score_config_ids: chosen };
  return (
    <Form
      title="New queue"
      save={() => doing.run(() => send("POST", QUEUES, {}, body), close)}
      close={close}
      doing={doing}
      wrong={!body.name || !chosen.length}
    >
      <TextInput
        label="Name"
        required
        data-autofocus
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <TextInput
        label="About"
        description="What to look at, for those who do."
        value={about}
        onChange={(event) => setAbout(event.currentTarget.value)}
      />
      <MultiSelect
        label="Scores"
        description="That people give of each thing in it."
        required
        data={configs.map((one) => ({ value: one.id, label: one.name }))}
        value={chosen}
        onChange={setChosen}
      />
    </Form>
  );
}
