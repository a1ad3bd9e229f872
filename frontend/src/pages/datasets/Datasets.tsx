/** All datasets, and a form that makes one. */
import { Button, Textarea, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { asCurl, send } from "../../api/client.ts";
import { usePlace } from "../../app/place.ts";
import { Page } from "../../app/Shell.tsx";
import { count, moment } from "../../format.ts";
import { Panel } from "../../ui/Panel.tsx";
import { PlainTable } from "../../ui/PlainTable.tsx";
import { carried, zoneOf } from "../../url.ts";
import { useDoing } from "../../ui/doing.ts";
import { Form } from "../../ui/Form.tsx";
import { type Dataset, datasets, PATH } from "./questions.ts";
import "./datasets.css";

export function Datasets() {
  const answer = useQuery(datasets());
  const [adds, setAdds] = useState(false);
  return (
    <Page title="Datasets">
      <Panel
        title="Datasets"
        query={answer}
        height={240}
        curl={asCurl(PATH)}
        actions={
          <Button size="xs" onClick={() => setAdds(true)}>
            Add a dataset
          </Button>
        }
      >
        {({ data }) =>
          data.length ? (
            <Table rows={data} />
          ) : (
            <p className="empty">No dataset yet. Add one and put items in from a CSV or JSON Lines file.</p>
          )
        }
      </Panel>
      {adds && <Making close={() => setAdds(false)} />}
    </Page>
  );
}

function Making({ close }: { close: () => void }) {
  const { go } = usePlace();
  const doing = useDoing();
  const [name, setName] = useState("");
  const [description, setDescription] = useState("");
  const save = () =>
    doing.run(async () => {
      const made = await send<Dataset>("POST", PATH, {}, { name, description: description || null });
      go(`/datasets/${made.id}`);
    });
  return (
    <Form title="Add a dataset" save={save} close={close} doing={doing} wrong={!name.trim()}>
      <TextInput label="Name" required value={name} onChange={(event) => setName(event.currentTarget.value)} />
      <Textarea
        label="Description"
        autosize
        value={description}
        onChange={(event) => setDescription(event.currentTarget.value)}
      />
    </Form>
  );
}

function Table({ rows }: { rows: readonly Dataset[] }) {
  const { search } = usePlace();
  return (
    <PlainTable label="Datasets">
      <thead>
        <tr>
          <th scope="col">Name</th>
          <th scope="col">Description</th>
          <th scope="col" className="r">
            Items
          </th>
          <th scope="col">Last change</th>
        </tr>
      </thead>
      <tbody>
        {rows.map((one) => (
          <tr key={one.id}>
            <td>
              <Link to={`/datasets/${one.id}` as never} search={carried(search) as never}>
                {one.name}
              </Link>
            </td>
            <td className="muted">{one.description || "—"}</td>
            <td className="r">{count(one.items)}</td>
            <td className="num">
              <time dateTime={one.updated_at}>{moment(one.updated_at, zoneOf(search))}</time>
            </td>
          </tr>
        ))}
      </tbody>
    </PlainTable>
  );
}
