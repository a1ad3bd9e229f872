/** The newest version of a prompt, or none, in; the next one, written, held against it and saved, out. */
import { Button, SegmentedControl, Select, Textarea, TextInput } from "@mantine/core";
import { useState } from "react";
import { send } from "../../api/client.ts";
import { RowButton } from "../../ui/RowButton.tsx";
import { useDoing } from "../../ui/doing.ts";
import { Form } from "../../ui/Form.tsx";
import { Compared } from "./Compared.tsx";
import { type Draft, draftOf, type Message, NEW, PLACE, ROLES, wanted } from "./draft.ts";
import { asText, configText, PATH, type Version } from "./questions.ts";

interface VersionFormProps {
  of?: Version | undefined;
  close: () => void;
  saved?: (name: string) => void;
}

export function VersionForm({ of, close, saved }: VersionFormProps) {
  const doing = useDoing();
  const [draft, setDraft] = useState<Draft>(() => (of ? draftOf(of) : NEW));
  const [touched, setTouched] = useState<ReadonlySet<string>>(new Set());
  const { body, errors } = wanted(draft);
  const put = (change: Partial<Draft>) => {
    setDraft((now) => ({ ...now, ...change }));
    setTouched((now) => new Set([...now, ...Object.keys(change)]));
  };
  const field = (name: Exclude<keyof Draft, "messages">) => ({
    value: draft[name],
    error: touched.has(name) ? errors[name] : undefined,
    onChange: (event: { currentTarget: { value: string } }) => put({ [name]: event.currentTarget.value }),
  });
  const next = {
    ...(of ?? BLANK),
    version: (of?.version ?? 0) + 1,
    prompt: body.prompt,
    config: body.config,
  } as Version;
  const same = of !== undefined && asText(of) === asText(next) && configText(of) === configText(next);
  return (
    <Form
      title={of ? `Version ${next.version} of ${of.name}` : "New prompt"}
      saveTitle={of ? `Save version ${next.version}` : "Save"}
      save={() =>
        doing.run(
          () => send("POST", PATH, {}, body),
          () => {
            close();
            saved?.(body.name);
          },
        )
      }
      close={close}
      doing={doing}
      wrong={Object.keys(errors).length > 0}
      size="xl"
    >
      {!of && (
        <div className="form-row">
          <TextInput label="Name" description="Slashes make folders." required data-autofocus {...field("name")} />
          <div>
            <div className="label">Kind</div>
            <SegmentedControl
              aria-label="Kind"
              data={["text", "chat"]}
              value={draft.type}
              onChange={(type) => put({ type: type as Draft["type"] })}
            />
          </div>
        </div>
      )}
      {draft.type === "text" ? (
        <Textarea
          label="Prompt"
          description="{{name}} is filled in by the application."
          required
          autosize
          minRows={5}
          maxRows={16}
          {...field("text")}
        />
      ) : (
        <Messages
          of={draft.messages}
          put={(messages) => put({ messages })}
          error={touched.has("messages") ? errors.messages : undefined}
        />
      )}
      <Textarea
        label="Config"
        description="JSON that the application wants beside it: model, temperature …"
        autosize
        maxRows={10}
        classNames={{ input: "mono" }}
        {...field("config")}
      />
      <div className="form-row">
        <TextInput
          label="Labels"
          description="They leave the version they stand on. latest needs no telling."
          placeholder="staging"
          {...field("labels")}
        />
        <TextInput label="Why" description="What changed, in a sentence." {...field("why")} />
      </div>
      {of &&
        (same ? (
          <p className="muted">It says what version {of.version} says.</p>
        ) : (
          <Compared after={next} before={of} />
        ))}
    </Form>
  );
}

const BLANK = { name: "", type: "text", labels: [], tags: [] };

interface MessagesProps {
  of: readonly Message[];
  put: (messages: Message[]) => void;
  error: string | undefined;
}

function Messages({ of, put, error }: MessagesProps) {
  const change = (at: number, part: Partial<Message>) =>
    put(of.map((one, index) => (index === at ? { ...one, ...part } : one)));
  const move = (at: number) =>
    put(of.map((one, index) => of[index === at ? at - 1 : index === at - 1 ? at : index] ?? one));
  return (
    <fieldset className="messages">
      <legend>Messages</legend>
      {of.map((message, at) => (
        <div className="message" key={at}>
          <Select
            size="xs"
            aria-label={`Role of message ${at + 1}`}
            allowDeselect={false}
            data={[...new Set([...ROLES, message.role])]}
            value={message.role}
            onChange={(role) => change(at, { role: role ?? "user" })}
          />
          {message.role === PLACE ? (
            <TextInput
              size="xs"
              aria-label={`Name of the place ${at + 1}`}
              placeholder="history"
              value={message.content}
              onChange={(event) => change(at, { content: event.currentTarget.value })}
            />
          ) : (
            <Textarea
              size="xs"
              aria-label={`Message ${at + 1}`}
              autosize
              minRows={2}
              maxRows={12}
              value={message.content}
              onChange={(event) => change(at, { content: event.currentTarget.value })}
            />
          )}
          <div className="message-ways">
            <RowButton disabled={at === 0} onClick={() => move(at)}>
              Up
            </RowButton>
            <RowButton
              color="gray"
              aria-label={`Remove message ${at + 1}`}
              onClick={() => put(of.filter((_, index) => index !== at))}
            >
              Remove
            </RowButton>
          </div>
        </div>
      ))}
      {error && (
        <p className="wrong" role="alert">
          {error}
        </p>
      )}
      <Button
        size="compact-sm"
        variant="default"
        onClick={() => put([...of, { role: of.at(-1)?.role === "user" ? "assistant" : "user", content: "" }])}
      >
        Add a message
      </Button>
    </fieldset>
  );
}
