/** A file of items in; what would become of them, told before anything is kept, and then that it was kept, out. */
import { Button, FileInput, Group } from "@mantine/core";
import { useState } from "react";
import { count } from "../../format.ts";
import { Failure } from "../../ui/Panel.tsx";
import { useDoing } from "../../ui/doing.ts";
import { kindOf, type Put, put } from "./questions.ts";

const FAULTS = 50;

export function Upload({ id }: { id: string }) {
  const doing = useDoing();
  const [file, setFile] = useState<File | null>(null);
  const [told, setTold] = useState<Put | null>(null);
  const choose = (chosen: File | null) => {
    setFile(chosen);
    setTold(null);
    if (chosen) doing.run(async () => setTold(await put(id, chosen, true)));
  };
  const keep = () => {
    if (file) doing.run(async () => setTold(await put(id, file, false)));
  };
  const canKeep = told?.dry_run && !told.errors.length && told.new + told.changed > 0;
  return (
    <section className="panel upload" aria-label="Put items in" aria-busy={doing.busy}>
      <header>
        <h2>
          Put items in <span className="finding">columns or fields: id, input, expected_output, metadata</span>
        </h2>
      </header>
      <Group align="end" gap={8}>
        <FileInput
          size="xs"
          w={320}
          label="CSV, JSON Lines or JSON file"
          placeholder="Choose a file"
          accept=".csv,.jsonl,.ndjson,.json"
          clearable
          clearButtonProps={{ "aria-label": "Choose none" }}
          value={file}
          onChange={choose}
        />
        <Button size="xs" disabled={!canKeep} loading={doing.busy} onClick={keep}>
          Put them in
        </Button>
      </Group>
      {file && !kindOf(file.name) && <p className="notice">It is read as JSON Lines: its name tells nothing else.</p>}
      {doing.error && <Failure error={doing.error} />}
      {told && <Told of={told} />}
    </section>
  );
}

function Told({ of }: { of: Put }) {
  const counts = `${count(of.new)} new, ${count(of.changed)} changed, ${count(of.unchanged)} as they were`;
  return (
    <div role="status">
      {of.errors.length ? (
        <div className="notice error">
          <strong>{count(of.errors.length)} mistakes: nothing can be kept until they are gone.</strong>
          <ul>
            {of.errors.slice(0, FAULTS).map((one) => (
              <li key={`${one.line} ${one.field} ${one.message}`}>
                {one.line ? `Line ${count(one.line)}: ` : ""}
                {one.field ? `${one.field}: ` : ""}
                {one.message}
              </li>
            ))}
          </ul>
        </div>
      ) : (
        <p className={of.dry_run ? "notice" : "notice ok"}>
          {of.dry_run ? `It would be ${counts}. Nothing is kept yet.` : `Kept: ${counts}.`}
        </p>
      )}
      {of.ignored.length > 0 && <p className="muted">Nothing is made of: {of.ignored.join(", ")}.</p>}
    </div>
  );
}
