/** One dataset: what it asks of items, its items with their versions, a file put in, and the runs on it. */
import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { asCurl } from "../../api/client.ts";
import { usePlace } from "../../app/place.ts";
import { Page } from "../../app/Shell.tsx";
import { count, moment } from "../../format.ts";
import { Panel } from "../../ui/Panel.tsx";
import { PlainTable } from "../../ui/PlainTable.tsx";
import { carried, zoneOf } from "../../url.ts";
import { Items } from "./Items.tsx";
import { type Dataset as Shown, dataset, PATH, runs } from "./questions.ts";
import { Upload } from "./Upload.tsx";
import "./datasets.css";

export function Dataset() {
  const { id = "" } = useParams({ strict: false }) as Record<string, string>;
  const { search } = usePlace();
  const answer = useQuery(dataset(id));
  return (
    <Page title={answer.data?.name ?? "Dataset"}>
      <p style={{ margin: 0 }}>
        <Link to={"/datasets" as never} search={carried(search) as never}>
          ← All datasets
        </Link>
      </p>
      <Panel
        title="What it is"
        finding={answer.data && `${count(answer.data.items)} active items`}
        query={answer}
        height={60}
        curl={asCurl(`${PATH}/${encodeURIComponent(id)}`)}
      >
        {(data) => <About of={data} />}
      </Panel>
      <Upload id={id} />
      <Tried id={id} />
      <Items id={id} />
    </Page>
  );
}

function About({ of }: { of: Shown }) {
  const { search } = usePlace();
  const schemas = [
    ["Inputs keep to", of.input_schema],
    ["Expected outputs keep to", of.expected_output_schema],
  ] as const;
  return (
    <>
      <p className="about">
        {of.description || <span className="muted">No description.</span>}{" "}
        <span className="muted">Made {moment(of.created_at, zoneOf(search))}.</span>
      </p>
      {schemas.map(([title, schema]) =>
        schema ? (
          <details key={title}>
            <summary>{title}</summary>
            <pre className="version-text" tabIndex={0} aria-label={title}>
              {JSON.stringify(schema, null, 2)}
            </pre>
          </details>
        ) : null,
      )}
      {!of.input_schema && !of.expected_output_schema && (
        <p className="about muted">No schema: items may be anything.</p>
      )}
    </>
  );
}

function Tried({ id }: { id: string }) {
  const { search } = usePlace();
  const answer = useQuery(runs(id));
  return (
    <Panel
      title="Runs"
      query={answer}
      height={80}
      actions={
        <Link to={"/experiments" as never} search={{ ...carried(search), dataset: id } as never}>
          Compare them
        </Link>
      }
    >
      {({ data }) =>
        data.length ? (
          <PlainTable label="Runs">
            <tbody>
              {data.map((run) => (
                <tr key={run.id}>
                  <th scope="row">{run.name}</th>
                  <td className="r">{count(run.items)} items</td>
                  <td className="r">{count(run.errors)} errors</td>
                  <td className="num">{moment(run.created_at, zoneOf(search))}</td>
                </tr>
              ))}
            </tbody>
          </PlainTable>
        ) : (
          <p className="empty">Nothing was tried on it yet.</p>
        )
      }
    </Panel>
  );
}
