/** Two versions in; what one says, with what it took out of the other and put in, out. */
import { Switch } from "@mantine/core";
import { useMemo, useState } from "react";
import { difference, type Part } from "./difference.ts";
import { asText, configText, type Version } from "./questions.ts";

export function Compared({ after, before }: { after: Version; before: Version | undefined }) {
  const [marked, setMarked] = useState(true);
  const against = marked ? before : undefined;
  const config = configText(after) || configText(against ?? after);
  return (
    <div className="compared">
      <div className="compared-head">
        <p className="muted">
          Version {after.version}
          {against && `, compared with version ${against.version}`}
        </p>
        {before && (
          <Switch
            size="xs"
            label="Mark what changed"
            checked={marked}
            onChange={(event) => setMarked(event.currentTarget.checked)}
          />
        )}
      </div>
      <Text after={asText(after)} before={against && asText(against)} label="Prompt" />
      {config && (
        <>
          <h3>Config</h3>
          <Text after={configText(after)} before={against && configText(against)} label="Config" />
        </>
      )}
    </div>
  );
}

function Text({ after, before, label }: { after: string; before: string | undefined; label: string }) {
  const parts = useMemo<Part[]>(
    () => (before === undefined ? [{ kind: "same", text: after }] : difference(before, after)),
    [after, before],
  );
  return (
    <pre className="written" tabIndex={0} aria-label={label}>
      {parts.map((part, at) =>
        part.kind === "same" ? (
          <span key={at}>{part.text}</span>
        ) : part.kind === "gone" ? (
          <del key={at}>{part.text}</del>
        ) : (
          <ins key={at}>{part.text}</ins>
        ),
      )}
    </pre>
  );
}
