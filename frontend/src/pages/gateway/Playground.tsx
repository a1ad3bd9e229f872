/** A message to try in; the answer as it streams, what it costs, and where it is kept, out. It goes through the gateway as any call. */
import { Button, Group, Select, Textarea, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { usePlace } from "../../app/place.ts";
import { first } from "../../url.ts";
import { Answer } from "./Answer.tsx";
import { BLANK, missing, type Wanted } from "./asked.ts";
import { object, variablesOf } from "./draft.ts";
import { ModelField } from "./ModelField.tsx";
import { configList, environmentList, variantList } from "./questions.ts";
import { Snippets } from "./Snippets.tsx";
import { useTrial } from "./trying.ts";

const FORMS = [
  { value: "openai", label: "OpenAI" },
  { value: "anthropic", label: "Anthropic" },
];

/** What stands in the address: what is asked, never what is said. */
function useWanted(): [Wanted, (changes: Partial<Wanted>) => void] {
  const { search, change } = usePlace();
  const [said, setSaid] = useState(BLANK);
  const told = (name: string) => first(search, `p_${name}`) ?? "";
  const wanted: Wanted = {
    ...said,
    form: told("form") === "anthropic" ? "anthropic" : "openai",
    config: told("config"),
    environment: told("environment"),
    model: told("model"),
  };
  const put = (changes: Partial<Wanted>) => {
    const placed = (["form", "config", "environment", "model"] as const).filter((name) => name in changes);
    if (!placed.length) setSaid((now) => ({ ...now, ...changes }));
    else
      change(
        (now) => {
          const next = { ...now };
          for (const name of placed) {
            if (changes[name]) next[`p_${name}`] = changes[name];
            else delete next[`p_${name}`];
          }
          return next;
        },
        { replace: true },
      );
  };
  return [wanted, put];
}

export function Playground() {
  const [wanted, put] = useWanted();
  const { trial, start, stop } = useTrial();
  const why = missing(wanted);
  return (
    <div className="stack">
      <div className="trying">
        <section className="panel" aria-label="Try a call">
          <header>
            <h2>
              Try a call <span className="finding">it is a real one: it costs, and is kept like any other</span>
            </h2>
          </header>
          <form
            className="stack"
            onSubmit={(event) => {
              event.preventDefault();
              void start(wanted);
            }}
          >
            <About wanted={wanted} put={put} />
            <Textarea
              label="System prompt"
              autosize
              minRows={2}
              maxRows={8}
              value={wanted.system}
              onChange={(e) => put({ system: e.currentTarget.value })}
            />
            <Textarea
              label="Message"
              required
              autosize
              minRows={4}
              maxRows={14}
              value={wanted.message}
              onChange={(e) => put({ message: e.currentTarget.value })}
              onKeyDown={(e) => {
                if (e.key === "Enter" && (e.ctrlKey || e.metaKey) && !why) void start(wanted);
              }}
            />
            <Textarea
              label="Parameters"
              autosize
              minRows={2}
              styles={{ input: { fontFamily: "var(--mono)" } }}
              value={wanted.parameters}
              error={!object(wanted.parameters) && "No JSON object"}
              onChange={(e) => put({ parameters: e.currentTarget.value })}
            />
            <Group>
              {trial.busy ? (
                <Button variant="default" onClick={stop}>
                  Stop
                </Button>
              ) : (
                <Button type="submit" disabled={why !== ""} title="Ctrl Enter">
                  Send
                </Button>
              )}
              <span className="muted">{why}</span>
            </Group>
          </form>
        </section>
        <Answer of={trial} />
      </div>
      <Snippets model={wanted.model || wanted.config || "gpt-4o-mini"} config={wanted.config} />
    </div>
  );
}

function About({ wanted, put }: { wanted: Wanted; put: (changes: Partial<Wanted>) => void }) {
  const configs = useQuery(configList()).data?.data ?? [];
  const environments = useQuery(environmentList()).data?.data ?? [];
  const variants = useQuery({ ...variantList(wanted.config), enabled: wanted.config !== "" });
  const prompts = wanted.config ? (variants.data?.data ?? []).map((one) => one.latest?.system_prompt ?? "") : [];
  const names = variablesOf(prompts.join("\n"));
  const any = (label: string) => ({ value: "", label });
  return (
    <>
      <div className="form-row">
        <Select
          label="Config"
          searchable
          allowDeselect={false}
          data={[any("none"), ...configs.map((one) => ({ value: one.slug, label: one.slug }))]}
          value={wanted.config}
          onChange={(config) => put({ config: config ?? "" })}
        />
        <ModelField value={wanted.model} optional={wanted.config !== ""} change={(model) => put({ model })} />
        <Select
          label="Environment"
          searchable
          allowDeselect={false}
          data={[any("production"), ...environments.filter((one) => !one.is_production).map((one) => one.slug)]}
          value={wanted.environment}
          onChange={(environment) => put({ environment: environment ?? "" })}
        />
        <Select
          label="Wire format"
          allowDeselect={false}
          data={FORMS}
          value={wanted.form}
          onChange={(form) => put({ form: form === "anthropic" ? "anthropic" : "openai" })}
        />
      </div>
      {names.length > 0 && (
        <div className="form-row">
          {names.map((name) => (
            <TextInput
              key={name}
              label={`Variable ${name}`}
              value={wanted.variables[name] ?? ""}
              onChange={(e) => put({ variables: { ...wanted.variables, [name]: e.currentTarget.value } })}
            />
          ))}
        </div>
      )}
    </>
  );
}
