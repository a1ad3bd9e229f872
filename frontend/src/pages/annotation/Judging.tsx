/** One thing of a queue in; what was said there, the scores to give of it, and both kept, out. */
import { Button, Group, SegmentedControl, Select, Textarea, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { send } from "../../api/client.ts";
import { calls } from "../../api/questions.ts";
import { usePlace } from "../../app/place.ts";
import { session } from "../../app/session.ts";
import { useDoing } from "../../ui/doing.ts";
import { Failure } from "../../ui/Panel.tsx";
import { carried } from "../../url.ts";
import { Conversation } from "../trace/Conversation.tsx";
import "../trace/trace.css";
import { allowed, type Filled, type Judged, judgement } from "./judgement.ts";
import { type Config, type Item, QUEUES, SCORES } from "./questions.ts";

interface JudgingProps {
  queue: string;
  of: Item;
  configs: readonly Config[];
  done: () => void;
}

export function Judging({ queue, of, configs, done }: JudgingProps) {
  const { search } = usePlace();
  const doing = useDoing();
  const author = useQuery(session).data?.user.name ?? "";
  const [filled, setFilled] = useState<Filled>({});
  const [comment, setComment] = useState("");
  // A span is scored as one of its trace, and the queue knows the span alone.
  const isSpan = of.object_type === "OBSERVATION";
  const found = useQuery({ ...calls({ q: of.object_id, from: "now-365d", limit: "1" }), enabled: isSpan });
  const trace = isSpan ? found.data?.data[0]?.trace_id : of.object_id;
  const judged: Judged =
    of.object_type === "SESSION"
      ? { session_id: of.object_id }
      : { trace_id: trace ?? "", ...(isSpan ? { span_id: of.object_id } : {}) };
  const { scores, errors } = judgement(configs, filled, judged, comment, author);
  const finish = () => send("PATCH", `${QUEUES}/${queue}/items/${of.id}`, {}, { status: "COMPLETED" });
  const save = () =>
    doing.run(async () => {
      if (scores.length) await send("POST", SCORES, {}, scores);
      await finish();
    }, done);
  const href =
    of.object_type === "SESSION" ? `/sessions/${encodeURIComponent(of.object_id)}` : `/traces/${trace ?? ""}`;
  return (
    <section className="panel judging" aria-label="What to judge">
      <Group justify="space-between">
        <strong className="mono">{of.object_id}</strong>
        {isSpan && !trace ? (
          <span className="muted">{found.isPending ? "…" : "no request with this id in a year"}</span>
        ) : (
          <Link to={href as never} search={carried(search) as never}>
            Open the {of.object_type === "SESSION" ? "session" : "trace"}
          </Link>
        )}
      </Group>
      {of.object_type !== "SESSION" && trace && <Conversation id={trace} />}
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          save();
        }}
      >
        <div className="score-fields">
          {configs.map((one) => (
            <Field
              key={one.id}
              of={one}
              value={filled[one.id] ?? ""}
              error={errors[one.id]}
              put={(value) => setFilled((now) => ({ ...now, [one.id]: value }))}
            />
          ))}
        </div>
        <TextInput label="Why" value={comment} onChange={(event) => setComment(event.currentTarget.value)} />
        {doing.error && <Failure error={doing.error} />}
        <Group justify="end">
          <Button variant="default" onClick={done}>
            Skip
          </Button>
          <Button
            type="submit"
            loading={doing.busy}
            disabled={!scores.length || Object.keys(errors).length > 0 || (isSpan && !trace)}
          >
            Save, and the next
          </Button>
        </Group>
      </form>
    </section>
  );
}

interface FieldProps {
  of: Config;
  value: string;
  error: string | undefined;
  put: (value: string) => void;
}

function Field({ of, value, error, put }: FieldProps) {
  const told = { label: of.name, description: of.description ?? allowed(of), error };
  if (of.data_type === "BOOLEAN")
    return (
      <div>
        <div className="field-name" id={`score-${of.id}`}>
          {of.name}
        </div>
        <div className="field-about muted">{told.description}</div>
        <SegmentedControl
          aria-labelledby={`score-${of.id}`}
          data={[
            { value: "", label: "—" },
            { value: "yes", label: "yes" },
            { value: "no", label: "no" },
          ]}
          value={value}
          onChange={put}
        />
      </div>
    );
  if (of.data_type === "CATEGORICAL")
    return (
      <Select
        {...told}
        clearable
        data={(of.categories ?? []).map((one) => one.label)}
        value={value || null}
        onChange={(chosen) => put(chosen ?? "")}
      />
    );
  const field = {
    ...told,
    value,
    onChange: (event: { currentTarget: { value: string } }) => put(event.currentTarget.value),
  };
  return of.data_type === "TEXT" ? <Textarea {...field} autosize /> : <TextInput {...field} inputMode="decimal" />;
}
