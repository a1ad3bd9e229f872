/** A channel, or nothing, in; one changed or added, out. Its secrets are only ever written. */
import { Code, Modal, PasswordInput, Select, Switch, Textarea, TextInput } from "@mantine/core";
import { useState } from "react";
import { type Schemas, send } from "../../api/client.ts";
import { useDoing } from "../../ui/doing.ts";
import { Form } from "../../ui/Form.tsx";
import { entered, type Field, FIELDS, KIND_NAMES, settings } from "./channelFields.ts";
import { DigestFields, type DigestDraft, digestOf, digestWanted } from "./DigestFields.tsx";
import { type Channel, CHANNELS } from "./questions.ts";

const KINDS = Object.entries(KIND_NAMES).map(([value, label]) => ({ value, label }));
const LEAST = [
  { value: "info", label: "everything" },
  { value: "warning", label: "warnings and critical" },
  { value: "critical", label: "critical only" },
  { value: "none", label: "only the digest" },
];

export function ChannelForm({ of, close }: { of: Channel | undefined; close: () => void }) {
  const doing = useDoing();
  const [kind, setKind] = useState<Channel["kind"]>(of?.kind ?? "slack");
  const [name, setName] = useState(of?.name ?? "");
  const [typed, setTyped] = useState<Record<string, string>>({});
  const [least, setLeast] = useState<string>(of?.least_severity ?? "info");
  const [enabled, setEnabled] = useState(of?.enabled ?? true);
  const [digest, setDigest] = useState<DigestDraft>(digestOf(of?.digest ?? null));
  const [secret, setSecret] = useState("");
  const value = (field: Field) => typed[field.name] ?? entered(of, field);
  const read = settings(kind, Object.fromEntries(FIELDS[kind].map((field) => [field.name, value(field)])), of);
  const save = () => {
    const wanted = {
      name,
      enabled,
      least_severity: least,
      settings: read.settings,
      digest: digestWanted(digest),
    };
    if (of) doing.run(() => send("PATCH", `${CHANNELS}/${of.id}`, {}, wanted), close);
    else {
      let made = "";
      doing.run(
        async () => {
          made = (await send<Schemas["ChannelMade"]>("POST", CHANNELS, {}, { ...wanted, kind })).signing_secret ?? "";
        },
        () => (made ? setSecret(made) : close()),
      );
    }
  };
  if (secret) return <Shown secret={secret} close={close} />;
  return (
    <Form
      title={of ? `Change ${of.name}` : "Add a channel"}
      save={save}
      close={close}
      doing={doing}
      wrong={!name.trim() || Object.keys(read.errors).length > 0}
    >
      <div className="form-row">
        <TextInput label="Name" required data-autofocus value={name} onChange={(e) => setName(e.currentTarget.value)} />
        {!of && (
          <Select
            label="Kind"
            allowDeselect={false}
            data={KINDS}
            value={kind}
            onChange={(chosen) => {
              setKind((chosen ?? "slack") as Channel["kind"]);
              setTyped({});
            }}
          />
        )}
      </div>
      {FIELDS[kind].map((field) => (
        <OneField
          key={`${kind} ${field.name}`}
          field={field}
          hint={of?.secrets[field.name]}
          value={value(field)}
          error={field.name in typed ? read.errors[field.name] : undefined}
          change={(text) => setTyped((now) => ({ ...now, [field.name]: text }))}
        />
      ))}
      <Select
        label="Tells"
        allowDeselect={false}
        data={LEAST}
        value={least}
        onChange={(chosen) => setLeast(chosen ?? "info")}
      />
      <DigestFields of={digest} change={setDigest} />
      <Switch label="On" checked={enabled} onChange={(e) => setEnabled(e.currentTarget.checked)} />
    </Form>
  );
}

interface OneFieldProps {
  field: Field;
  hint: string | undefined;
  value: string;
  error: string | undefined;
  change: (text: string) => void;
}

function OneField({ field, hint, value, error, change }: OneFieldProps) {
  const shared = {
    label: field.label,
    description: hint ? `There is one: ${hint}. It stays when this is empty.` : field.about,
    placeholder: field.placeholder,
    required: !!field.required && !hint,
    value,
    error,
  };
  if (field.choices) {
    const { error: _, ...rest } = shared;
    return <Select {...rest} allowDeselect={false} data={[...field.choices]} onChange={(one) => change(one ?? "")} />;
  }
  if (field.as === "pairs" || field.as === "json") {
    return <Textarea {...shared} autosize minRows={1} onChange={(e) => change(e.currentTarget.value)} />;
  }
  return field.secret ? (
    <PasswordInput
      {...shared}
      autoComplete="off"
      visibilityToggleButtonProps={{ "aria-label": "Show what is typed" }}
      onChange={(e) => change(e.currentTarget.value)}
    />
  ) : (
    <TextInput {...shared} onChange={(e) => change(e.currentTarget.value)} />
  );
}

function Shown({ secret, close }: { secret: string; close: () => void }) {
  return (
    <Modal closeButtonProps={{ "aria-label": "Close" }} opened onClose={close} title="Its signing secret">
      <p>Requests are signed with it, so that the receiver knows who sent them. It is shown this once.</p>
      <Code block>{secret}</Code>
    </Modal>
  );
}
