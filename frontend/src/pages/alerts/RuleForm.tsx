/** A rule, or nothing, in; one changed or made, tried on the past before, out. */
import { Button, Group } from "@mantine/core";
import { useState } from "react";
import { send } from "../../api/client.ts";
import { usePlace } from "../../app/place.ts";
import { Failure } from "../../ui/Panel.tsx";
import { useDoing } from "../../ui/doing.ts";
import { BacktestPanel } from "./BacktestPanel.tsx";
import { type Draft, draftOf, wanted, wrong } from "./draft.ts";
import { type RuleFields, RULES } from "./questions.ts";
import { TellingFields } from "./TellingFields.tsx";
import { WhatFields } from "./WhatFields.tsx";

/** What part of the form shows and changes. */
export interface FieldsProps {
  of: Draft;
  put: (changes: Partial<Draft>) => void;
  /** Of what was touched; of everything once saving was tried. */
  error: (field: keyof Draft) => string | undefined;
}

export function RuleForm({ id, of }: { id: string | null; of: Partial<RuleFields> }) {
  const { go } = usePlace();
  const doing = useDoing();
  const [draft, setDraft] = useState(() => draftOf(of));
  const [touched, setTouched] = useState<ReadonlySet<string>>(new Set());
  const [tried, setTried] = useState(false);
  const errors = wrong(draft);
  const isWrong = Object.keys(errors).length > 0;
  const put = (changes: Partial<Draft>) => {
    setDraft((now) => ({ ...now, ...changes }));
    setTouched((now) => new Set([...now, ...Object.keys(changes)]));
  };
  const error = (field: keyof Draft) => (tried || touched.has(field) ? errors[field] : undefined);
  const save = () => {
    setTried(true);
    if (isWrong) return;
    const body = wanted(draft);
    doing.run(
      () => (id ? send("PATCH", `${RULES}/${id}`, {}, body) : send("POST", RULES, {}, body)),
      () => go("/alerts/rules"),
    );
  };
  const fields: FieldsProps = { of: draft, put, error };
  return (
    <>
      <form
        className="grid halves"
        aria-label="Rule"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          save();
        }}
      >
        <section className="panel stack" aria-label="What is looked for">
          <WhatFields {...fields} />
        </section>
        <section className="panel stack" aria-label="Who is told">
          <TellingFields {...fields} />
          {doing.error && <Failure error={doing.error} />}
          <Group justify="end">
            {tried && isWrong && (
              <span className="bad" role="alert">
                Something is missing or wrong above.
              </span>
            )}
            <Button variant="default" onClick={() => go("/alerts/rules")}>
              Cancel
            </Button>
            <Button type="submit" loading={doing.busy}>
              {id ? "Save" : "Make the rule"}
            </Button>
          </Group>
        </section>
      </form>
      <BacktestPanel of={draft} isWrong={Object.keys(wrong({ ...draft, name: draft.name || "tried" })).length > 0} />
    </>
  );
}
