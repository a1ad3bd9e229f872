/** A rollout, or nothing, in; one changed or made, its conditions read back in words, out. */
import { NumberInput, Select, Textarea, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { send } from "../../api/client.ts";
import { useDoing } from "../../ui/doing.ts";
import { json, object } from "./draft.ts";
import { Form } from "../../ui/Form.tsx";
import { configList, environmentList, type Rollout, ROLLOUTS, variantList, versionList } from "./questions.ts";
import { conditionInWords } from "./words.ts";

const EXAMPLE = '{"==": [{"var": "metadata.plan"}, "pro"]}';
const MOST_WEIGHT = 10_000;

export function RolloutForm({ of, close }: { of: Rollout | undefined; close: () => void }) {
  const doing = useDoing();
  const configs = useQuery(configList()).data?.data ?? [];
  const environments = useQuery(environmentList()).data?.data ?? [];
  const [config, setConfig] = useState(of?.config ?? "");
  const [variant, setVariant] = useState(of?.variant ?? "");
  const variants = useQuery({ ...variantList(config), enabled: config !== "" }).data?.data ?? [];
  const versions = useQuery({ ...versionList(config, variant), enabled: variant !== "" }).data?.data ?? [];
  const [environment, setEnvironment] = useState(of?.environment ?? "");
  const [version, setVersion] = useState(String(of?.version ?? ""));
  const [weight, setWeight] = useState<number | string>(of?.weight ?? MOST_WEIGHT);
  const [priority, setPriority] = useState<number | string>(of?.priority ?? 0);
  const [conditions, setConditions] = useState(json(of?.conditions));
  const [name, setName] = useState(of?.name ?? "");
  const told = object(conditions);
  const save = () => {
    const wanted = {
      variant,
      environment: environment || null,
      version: version ? Number(version) : null,
      weight: Number(weight),
      priority: Number(priority),
      conditions: told && Object.keys(told).length ? told : null,
      name,
    };
    doing.run(
      () =>
        of ? send("PATCH", `${ROLLOUTS}/${of.id}`, {}, wanted) : send("POST", ROLLOUTS, {}, { ...wanted, config }),
      close,
    );
  };
  return (
    <Form
      title={of ? `Change the rollout of ${of.variant}` : "Roll a variant out"}
      save={save}
      close={close}
      doing={doing}
      size="lg"
      wrong={!config || !variant || !told || weight === "" || priority === ""}
    >
      <div className="form-row">
        {!of && (
          <Select
            label="Config"
            searchable
            required
            data={configs.map((one) => one.slug)}
            value={config || null}
            onChange={(value) => {
              setConfig(value ?? "");
              setVariant("");
              setVersion("");
            }}
          />
        )}
        <Select
          label="Variant"
          searchable
          required
          data={[...new Set([...variants.map((one) => one.slug), variant].filter(Boolean))]}
          value={variant || null}
          onChange={(value) => {
            setVariant(value ?? "");
            setVersion("");
          }}
        />
        <Select
          label="Version"
          allowDeselect={false}
          data={[
            { value: "", label: "the latest" },
            ...[...new Set([...versions.map((one) => String(one.version)), version].filter(Boolean))].map((one) => ({
              value: one,
              label: `pinned to ${one}`,
            })),
          ]}
          value={version}
          onChange={(value) => setVersion(value ?? "")}
        />
      </div>
      <div className="form-row">
        <Select
          label="Environment"
          allowDeselect={false}
          data={[{ value: "", label: "all" }, ...environments.map((one) => ({ value: one.slug, label: one.slug }))]}
          value={environment}
          onChange={(value) => setEnvironment(value ?? "")}
        />
        <NumberInput label="Weight" hideControls min={0} max={MOST_WEIGHT} value={weight} onChange={setWeight} />
        <NumberInput label="Priority, highest first" hideControls value={priority} onChange={setPriority} />
      </div>
      <Textarea
        label="Conditions"
        description="JSONLogic over user, session, model, environment, family and metadata.<key>; empty: all calls"
        placeholder={EXAMPLE}
        autosize
        minRows={2}
        styles={{ input: { fontFamily: "var(--mono)" } }}
        value={conditions}
        error={!told && "No JSON object"}
        onChange={(e) => setConditions(e.currentTarget.value)}
      />
      {told && (
        <p className="muted" role="status" style={{ margin: 0 }}>
          It is for: {conditionInWords(told)}
        </p>
      )}
      <TextInput label="Name" value={name} onChange={(e) => setName(e.currentTarget.value)} />
    </Form>
  );
}
