/** Checks of what goes in and comes out in; the same changed, out. */
import { Button, Select, Textarea, TextInput } from "@mantine/core";
import { RowButton } from "../../ui/RowButton.tsx";
import type { GuardDraft } from "./draft.ts";

interface GuardsProps {
  of: readonly GuardDraft[];
  error: string | undefined;
  change: (guards: GuardDraft[]) => void;
}

const KINDS: Record<GuardDraft["kind"], { label: string; example: string }> = {
  regex: { label: "a pattern", example: '{"pattern": "(?i)password"}' },
  pii: { label: "personal data", example: "{}" },
  json_schema: { label: "a JSON schema", example: '{"schema": {"type": "object"}}' },
  models: { label: "allowed models", example: '{"allow": ["gpt-4o*"]}' },
  max_tokens: { label: "most output tokens", example: '{"max": 1000}' },
};

const options = <Name extends string>(of: Record<Name, string>) =>
  Object.entries<string>(of).map(([value, label]) => ({ value, label }));
const KIND_OPTIONS = Object.entries(KINDS).map(([value, { label }]) => ({ value, label }));
const ON = options({ request: "the request", response: "the answer" });
const ACTIONS = options({ block: "block it", mark: "only mark it" });

export function Guards({ of, error, change }: GuardsProps) {
  const put = (at: number, changes: Partial<GuardDraft>) =>
    change(of.map((one, index) => (index === at ? { ...one, ...changes } : one)));
  return (
    <fieldset className="plain-set stack">
      <legend>Guards</legend>
      {of.map((one, at) => (
        <div className="stack" key={at}>
          <div className="form-row">
            <TextInput label="Name" value={one.name} onChange={(e) => put(at, { name: e.currentTarget.value })} />
            <Select
              label="Looks for"
              allowDeselect={false}
              data={KIND_OPTIONS}
              value={one.kind}
              onChange={(value) => put(at, { kind: (value ?? "regex") as GuardDraft["kind"] })}
            />
            <Select
              label="In"
              allowDeselect={false}
              data={ON}
              value={one.on}
              onChange={(value) => put(at, { on: value === "response" ? "response" : "request" })}
            />
            <Select
              label="Then"
              allowDeselect={false}
              data={ACTIONS}
              value={one.action}
              onChange={(value) => put(at, { action: value === "mark" ? "mark" : "block" })}
            />
            <Button variant="subtle" color="gray" onClick={() => change(of.filter((_, index) => index !== at))}>
              Take away
            </Button>
          </div>
          <Textarea
            label="Parameters of the guard"
            placeholder={KINDS[one.kind].example}
            autosize
            minRows={1}
            styles={{ input: { fontFamily: "var(--mono)" } }}
            value={one.parameters}
            onChange={(e) => put(at, { parameters: e.currentTarget.value })}
          />
        </div>
      ))}
      {error && (
        <p className="bad" role="alert" style={{ margin: 0 }}>
          {error}
        </p>
      )}
      <div>
        <RowButton
          variant="default"
          onClick={() => change([...of, { name: "", kind: "regex", on: "request", action: "block", parameters: "" }])}
        >
          Add a guard
        </RowButton>
      </div>
    </fieldset>
  );
}
