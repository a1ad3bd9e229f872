/** What a variant does now in; a new version of it, or a new variant, out. */
import { NumberInput, Select, Textarea, TextInput } from "@mantine/core";
import { useState } from "react";
import { send } from "../../api/client.ts";
import { useDoing } from "../../ui/doing.ts";
import { contentOf, type Draft, draftOf, wrongIn } from "./draft.ts";
import { Form } from "../../ui/Form.tsx";
import { Guards } from "./Guards.tsx";
import { Prompt } from "./Prompt.tsx";
import type { Content } from "./questions.ts";
import { Targets } from "./Targets.tsx";
import { KEEPS } from "./words.ts";

interface VersionFormProps {
  path: string;
  of: Content;
  /** Whether it is the first of a new variant. */
  isNew?: boolean;
  close: () => void;
}

const TIMES = [
  ["attempts", "Attempts of one target"],
  ["base_s", "First wait, s"],
  ["statuses", "Again after statuses"],
  ["connect_s", "To connect, s"],
  ["first_byte_s", "To the first byte, s"],
  ["total_s", "In all, s"],
  ["cache_ttl_s", "Keep in the cache, s (0: off)"],
] as const;

export function VersionForm({ path, of, isNew = false, close }: VersionFormProps) {
  const doing = useDoing();
  const [draft, setDraft] = useState<Draft>(() => draftOf(of));
  const [slug, setSlug] = useState("");
  const [name, setName] = useState("");
  const [note, setNote] = useState("");
  const put = (changes: Partial<Draft>) => setDraft((now) => ({ ...now, ...changes }));
  const wrong = wrongIn(draft);
  const save = () =>
    doing.run(() => send("POST", path, {}, { ...contentOf(draft, of), note, ...(isNew ? { slug, name } : {}) }), close);
  return (
    <Form
      title={isNew ? "Add a variant" : "New version"}
      saveTitle={isNew ? "Add it" : "Make it so from now on"}
      size="xl"
      save={save}
      close={close}
      doing={doing}
      wrong={Object.keys(wrong).length > 0 || (isNew && !slug)}
    >
      {isNew && (
        <div className="form-row">
          <TextInput
            label="Slug"
            required
            data-autofocus
            value={slug}
            onChange={(e) => setSlug(e.currentTarget.value)}
          />
          <TextInput label="Name" value={name} onChange={(e) => setName(e.currentTarget.value)} />
        </div>
      )}
      <Targets of={draft.targets} strategy={draft.strategy} change={(targets) => put({ targets })} />
      {draft.targets.length > 1 && (
        <Select
          label="How they are used"
          allowDeselect={false}
          data={[
            { value: "fallback", label: "one after the other, when one fails" },
            { value: "balance", label: "by weight; the others when one fails" },
          ]}
          value={draft.strategy}
          onChange={(value) => put({ strategy: value === "balance" ? "balance" : "fallback" })}
        />
      )}
      <Prompt of={draft.system_prompt} change={(system_prompt) => put({ system_prompt })} />
      <Textarea
        label="Parameters"
        description="Members of the request, whatever the client sent"
        placeholder='{"temperature": 0.2, "max_tokens": 400}'
        autosize
        minRows={2}
        styles={{ input: { fontFamily: "var(--mono)" } }}
        value={draft.parameters}
        error={wrong.parameters}
        onChange={(e) => put({ parameters: e.currentTarget.value })}
      />
      <div className="form-row">
        {TIMES.map(([field, label]) =>
          field === "statuses" ? (
            <TextInput
              key={field}
              label={label}
              value={draft.statuses}
              error={wrong.statuses}
              onChange={(e) => put({ statuses: e.currentTarget.value })}
            />
          ) : (
            <NumberInput
              key={field}
              label={label}
              hideControls
              min={0}
              value={draft[field]}
              error={wrong[field]}
              onChange={(value) => put({ [field]: String(value) })}
            />
          ),
        )}
      </div>
      <Select
        label="Keep what is said"
        description="Prompts and answers, without secrets. A client may always forbid it: x-farthing-content: none"
        allowDeselect={false}
        data={Object.entries(KEEPS).map(([value, label]) => ({ value, label }))}
        value={draft.keeps_content}
        onChange={(value) => value && put({ keeps_content: value as Draft["keeps_content"] })}
      />
      <Guards of={draft.guards} error={wrong.guards} change={(guards) => put({ guards })} />
      <TextInput
        label="Note"
        placeholder="What changes, and why"
        value={note}
        onChange={(e) => setNote(e.currentTarget.value)}
      />
    </Form>
  );
}
