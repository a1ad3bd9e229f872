/** What is typed in; an evaluation that is tried on the latest calls, or made, out. */
import { Button, Select, Textarea, TextInput } from "@mantine/core";
import { useState } from "react";
import { type Schemas, send } from "../../api/client.ts";
import { useDoing } from "../../ui/doing.ts";
import { Form } from "../../ui/Form.tsx";
import { FilterRows } from "../budgets/FilterRows.tsx";
import { filtersOf, type Row } from "../budgets/rows.ts";
import { type Draft, EMPTY, KINDS, type Kind, TEXTS, wanted } from "./evaluating.ts";
import { EVALUATIONS, TRIED } from "./questions.ts";
import { Tried } from "./Tried.tsx";

export function EvaluationForm({ close }: { close: () => void }) {
  const doing = useDoing();
  const [draft, setDraft] = useState(EMPTY);
  const [touched, setTouched] = useState<ReadonlySet<string>>(new Set());
  const [rows, setRows] = useState<Row[]>([]);
  const [tried, setTried] = useState<Schemas["Tried"]>();
  const { evaluation, errors } = wanted(draft);
  const asked = { ...evaluation, filters: filtersOf(rows) };
  const wrong = Object.keys(errors).length > 0;
  const put = (name: keyof Draft, value: string) => {
    setDraft((now) => ({ ...now, [name]: value }));
    setTouched((now) => new Set([...now, name]));
    setTried(undefined);
  };
  const field = (name: keyof Draft) => ({
    value: draft[name],
    error: touched.has(name) ? errors[name] : undefined,
    onChange: (event: { currentTarget: { value: string } }) => put(name, event.currentTarget.value),
  });
  const text = TEXTS[draft.kind];
  const tryOut = () =>
    doing.run(async () => {
      const body = { last: TRIED, evaluation: asked };
      setTried(await send<Schemas["Tried"]>("POST", `${EVALUATIONS}/try`, {}, body));
    });
  return (
    <Form
      title="Judge as it comes"
      saveTitle="Start"
      save={() => doing.run(() => send("POST", EVALUATIONS, {}, asked), close)}
      close={close}
      doing={doing}
      wrong={wrong}
      size="lg"
    >
      <div className="form-row">
        <TextInput label="Score" description="Its name." required data-autofocus {...field("name")} />
        <TextInput label="Sample, %" description="Of the calls that count." required {...field("sample")} />
      </div>
      <Select
        label="Judged by"
        allowDeselect={false}
        data={[...KINDS]}
        value={draft.kind}
        onChange={(chosen) => put("kind", (chosen ?? "judge") as Kind)}
      />
      {text && <Textarea label={text[0]} description={text[1]} required autosize minRows={3} {...field("text")} />}
      {draft.kind === "length" && (
        <div className="form-row">
          <TextInput label="At least, characters" {...field("least")} />
          <TextInput label="At most, characters" {...field("most")} />
        </div>
      )}
      {draft.kind === "judge" && (
        <div className="form-row">
          <TextInput label="Model" description="Asked through the gateway." required {...field("model")} />
          <TextInput
            label="Categories"
            description="With commas between; none for a number."
            {...field("categories")}
          />
        </div>
      )}
      <FilterRows rows={rows} change={setRows} />
      <div className="form-row">
        <TextInput label="Calls a day, at most" placeholder="no bound" {...field("callsPerDay")} />
        {draft.kind === "judge" && <TextInput label="Dollars a day, at most" {...field("usdPerDay")} />}
      </div>
      <p className="muted">
        Only calls whose content is kept can be judged. Trying asks the judge for the latest {TRIED}, and keeps nothing.
      </p>
      <div>
        <Button variant="default" size="compact-sm" disabled={wrong || doing.busy} onClick={tryOut}>
          Try on the latest {TRIED}
        </Button>
      </div>
      {tried && <Tried name={draft.name} found={tried} />}
    </Form>
  );
}
