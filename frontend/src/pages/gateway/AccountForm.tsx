/** An account, or nothing, in; one changed or added, out. Its secret is only ever written. */
import { Autocomplete, PasswordInput, Select, Switch, Textarea, TextInput } from "@mantine/core";
import { useState } from "react";
import { send } from "../../api/client.ts";
import { useDoing } from "../../ui/doing.ts";
import { lines, pairs } from "./draft.ts";
import { Form } from "../../ui/Form.tsx";
import { type Account, ACCOUNTS } from "./questions.ts";

const PROVIDERS = [
  ..."openai azure anthropic google vertex bedrock mistral groq deepseek xai".split(" "),
  ..."together fireworks openrouter ollama vllm".split(" "),
];

export function AccountForm({ of, close }: { of: Account | undefined; close: () => void }) {
  const doing = useDoing();
  const [slug, setSlug] = useState(of?.slug ?? "");
  const [provider, setProvider] = useState(of?.provider ?? "");
  const [level, setLevel] = useState<string>("project");
  const [name, setName] = useState(of?.name ?? "");
  const [baseUrl, setBaseUrl] = useState(of?.base_url ?? "");
  const [secret, setSecret] = useState("");
  const [options, setOptions] = useState(lines(of?.options ?? {}));
  const [enabled, setEnabled] = useState(of?.enabled ?? true);
  const told = pairs(options);
  const save = () => {
    const wanted = { name, base_url: baseUrl, options: told, enabled, ...(secret ? { secret } : {}) };
    doing.run(
      () =>
        of
          ? send("PATCH", `${ACCOUNTS}/${of.id}`, {}, wanted)
          : send("POST", ACCOUNTS, {}, { ...wanted, slug, provider, level }),
      close,
    );
  };
  return (
    <Form
      title={of ? `Change @${of.slug}` : "Add an account"}
      save={save}
      close={close}
      doing={doing}
      wrong={!slug || !provider || !told}
    >
      {!of && (
        <>
          <div className="form-row">
            <Autocomplete
              label="Provider"
              required
              data-autofocus
              data={PROVIDERS}
              value={provider}
              onChange={setProvider}
            />
            <TextInput
              label="Slug"
              description="Models are asked for as @slug/model"
              required
              value={slug}
              onChange={(e) => setSlug(e.currentTarget.value)}
            />
          </div>
          <Select
            label="Of"
            allowDeselect={false}
            data={[
              { value: "project", label: "this project" },
              { value: "organisation", label: "everybody" },
            ]}
            value={level}
            onChange={(value) => setLevel(value ?? "project")}
          />
        </>
      )}
      <TextInput label="Name" value={name} onChange={(e) => setName(e.currentTarget.value)} />
      <PasswordInput
        label="Secret"
        description={
          of?.has_secret ? "There is one. It stays when this is empty, and is never shown." : "It is never shown again."
        }
        autoComplete="off"
        visibilityToggleButtonProps={{ "aria-label": "Show what is typed" }}
        value={secret}
        onChange={(e) => setSecret(e.currentTarget.value)}
      />
      <TextInput
        label="Base URL"
        description="Only where it is not the provider's own"
        placeholder="https://llm.example.com/v1"
        value={baseUrl}
        onChange={(e) => setBaseUrl(e.currentTarget.value)}
      />
      <Textarea
        label="Options"
        description="One per line: api_version=2024-10-21, organization=…, region=…"
        error={!told && "name=value, one per line"}
        autosize
        minRows={1}
        value={options}
        onChange={(e) => setOptions(e.currentTarget.value)}
      />
      <Switch label="On" checked={enabled} onChange={(e) => setEnabled(e.currentTarget.checked)} />
    </Form>
  );
}
