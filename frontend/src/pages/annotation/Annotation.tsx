/** Queues of what people are to look at, and what their scores may be. */
import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { asCurl, send } from "../../api/client.ts";
import { usePlace } from "../../app/place.ts";
import { Page } from "../../app/Shell.tsx";
import { count } from "../../format.ts";
import { PlainTable } from "../../ui/PlainTable.tsx";
import { RowButton } from "../../ui/RowButton.tsx";
import { useDoing } from "../../ui/doing.ts";
import { Failure, Panel } from "../../ui/Panel.tsx";
import { carried } from "../../url.ts";
import { ConfigForm } from "./ConfigForm.tsx";
import { QueueForm } from "./QueueForm.tsx";
import { allowed } from "./judgement.ts";
import { CONFIGS, type Config, configs, QUEUES, type Queue, queue, queues } from "./questions.ts";
import "./annotation.css";

export function Annotation() {
  const listed = useQuery(queues());
  const known = useQuery(configs());
  const [form, setForm] = useState<"queue" | "config" | null>(null);
  const live = (known.data?.data ?? []).filter((one) => !one.is_archived);
  return (
    <Page title="Annotation">
      {form === "queue" && <QueueForm configs={live} close={() => setForm(null)} />}
      {form === "config" && <ConfigForm close={() => setForm(null)} />}
      <Panel
        title="Queues"
        query={listed}
        height={160}
        curl={asCurl(QUEUES)}
        actions={
          <Button size="compact-sm" disabled={!live.length} onClick={() => setForm("queue")}>
            New queue
          </Button>
        }
      >
        {(data) =>
          data.data.length ? (
            <PlainTable label="Queues">
              <thead>
                <tr>
                  <th scope="col">Name</th>
                  <th scope="col">About</th>
                  <th scope="col" className="r">
                    Waiting
                  </th>
                  <th scope="col" className="r">
                    Done
                  </th>
                </tr>
              </thead>
              <tbody>
                {data.data.map((one) => (
                  <QueueRow key={one.id} of={one} />
                ))}
              </tbody>
            </PlainTable>
          ) : (
            <p className="empty">
              Nobody is to look at anything. A queue needs a score first: what people say of each trace in it.
            </p>
          )
        }
      </Panel>
      <Panel
        title="Scores that people give"
        query={known}
        height={160}
        curl={asCurl(CONFIGS)}
        actions={
          <Button size="compact-sm" onClick={() => setForm("config")}>
            New score
          </Button>
        }
      >
        {(data) => (data.data.length ? <Configs of={data.data} /> : <p className="empty">None yet.</p>)}
      </Panel>
    </Page>
  );
}

function QueueRow({ of }: { of: Queue }) {
  const { search } = usePlace();
  const far = useQuery(queue(of.id));
  return (
    <tr>
      <th scope="row">
        <Link to={`/annotation/${encodeURIComponent(of.id)}` as never} search={carried(search) as never}>
          {of.name}
        </Link>
      </th>
      <td className="muted">{of.description ?? "—"}</td>
      <td className="r">{far.data ? count(far.data.pending) : "—"}</td>
      <td className="r">{far.data ? count(far.data.completed) : "—"}</td>
    </tr>
  );
}

function Configs({ of }: { of: readonly Config[] }) {
  const doing = useDoing();
  const archive = (one: Config) =>
    doing.run(() => send("PATCH", `${CONFIGS}/${encodeURIComponent(one.id)}`, {}, { is_archived: !one.is_archived }));
  return (
    <>
      {doing.error && <Failure error={doing.error} />}
      <PlainTable label="Scores that people give">
        <thead>
          <tr>
            {["Score", "May be", "About"].map((title) => (
              <th scope="col" key={title}>
                {title}
              </th>
            ))}
            <th scope="col">
              <span className="sr-only">Change</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {of.map((one) => (
            <tr key={one.id} className={one.is_archived ? "muted" : undefined}>
              <th scope="row">{one.name}</th>
              <td>{allowed(one)}</td>
              <td>{one.description ?? "—"}</td>
              <td className="r">
                <RowButton
                  color="gray"
                  loading={doing.busy}
                  onClick={() => archive(one)}
                  aria-label={`${one.is_archived ? "Take up again" : "Archive"} ${one.name}`}
                >
                  {one.is_archived ? "Take up again" : "Archive"}
                </RowButton>
              </td>
            </tr>
          ))}
        </tbody>
      </PlainTable>
    </>
  );
}
