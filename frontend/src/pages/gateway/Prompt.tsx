/** A system prompt with variables in; the same changed, and what a provider would be told by it, out. */
import { Textarea, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useDebouncedValue } from "@mantine/hooks";
import { useState } from "react";
import { send, type Schemas } from "../../api/client.ts";
import { variablesOf } from "./draft.ts";
import { PATH } from "./questions.ts";

const WAIT_MS = 300;

export function Prompt({ of, change }: { of: string; change: (prompt: string) => void }) {
  const [input, setInput] = useState<Record<string, string>>({});
  const names = variablesOf(of);
  return (
    <div className="stack">
      <Textarea
        label="System prompt"
        description="A Jinja template: {{ name }} is the member name of the request's input"
        autosize
        minRows={3}
        maxRows={16}
        value={of}
        onChange={(e) => change(e.currentTarget.value)}
      />
      {names.length > 0 && (
        <div className="form-row">
          {names.map((name) => (
            <TextInput
              key={name}
              size="xs"
              label={`${name}, to try`}
              value={input[name] ?? ""}
              onChange={(e) => {
                const { value } = e.currentTarget;
                setInput((now) => ({ ...now, [name]: value }));
              }}
            />
          ))}
        </div>
      )}
      {(names.length > 0 || of.includes("{%")) && <Preview prompt={of} input={input} />}
    </div>
  );
}

function Preview({ prompt, input }: { prompt: string; input: Record<string, string> }) {
  const [settled] = useDebouncedValue(JSON.stringify({ system_prompt: prompt, input }), WAIT_MS);
  const answer = useQuery({
    queryKey: ["preview", settled],
    queryFn: ({ signal }) => send<Schemas["PromptShown"]>("POST", `${PATH}/preview`, {}, JSON.parse(settled), signal),
    placeholderData: (before) => before,
    staleTime: Infinity,
    retry: false,
  });
  return (
    <div role="region" aria-label="Preview of the prompt" aria-busy={answer.isPending}>
      {answer.error ? (
        <p className="bad" style={{ margin: 0 }}>
          {answer.error.message}
        </p>
      ) : (
        <pre className="answered" style={{ minHeight: 0 }} tabIndex={0} aria-label="What the provider would be told">
          {answer.data?.text}
        </pre>
      )}
    </div>
  );
}
