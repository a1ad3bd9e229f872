/** One prompt: its versions with what calls with each cost, labels to be moved, and two versions compared. */
import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { useState } from "react";
import { asCurl } from "../../api/client.ts";
import { usePlace } from "../../app/place.ts";
import { Page } from "../../app/Shell.tsx";
import { count, moment } from "../../format.ts";
import { Panel } from "../../ui/Panel.tsx";
import { PlainTable } from "../../ui/PlainTable.tsx";
import { asked, carried, first, zoneOf } from "../../url.ts";
import { Compared } from "./Compared.tsx";
import { addressOf, history, type Measured, prompt } from "./questions.ts";
import { VersionForm } from "./VersionForm.tsx";
import { Versions } from "./Versions.tsx";
import "./prompts.css";

export function Prompt() {
  const { _splat: name = "" } = useParams({ strict: false }) as Record<string, string>;
  const { search } = usePlace();
  const answer = useQuery(prompt(name, asked(search)));
  const changes = useQuery(history(name));
  const [writing, setWriting] = useState(false);
  return (
    <Page title={name} ranged>
      <p style={{ margin: 0 }}>
        <Link to={"/prompts" as never} search={carried(search) as never}>
          ← All prompts
        </Link>
      </p>
      <Panel
        title="Versions"
        finding={answer.data && `${count(answer.data.total.calls)} calls in this range`}
        query={answer}
        height={240}
        curl={asCurl(addressOf(name), asked(search))}
        actions={
          <Button size="compact-sm" disabled={!answer.data} onClick={() => setWriting(true)}>
            New version
          </Button>
        }
      >
        {(data) => <Versions of={data} name={name} />}
      </Panel>
      {writing && answer.data && <VersionForm of={answer.data.versions[0]} close={() => setWriting(false)} />}
      <Panel title="What it says" query={answer} height={200}>
        {(data) => <Chosen of={data} />}
      </Panel>
      <Panel title="Changes" query={changes} height={80}>
        {(data) => (
          <PlainTable label="Changes">
            <tbody>
              {data.data.map((one, at) => (
                <tr key={`${one.at} ${at}`}>
                  <td className="num">
                    <time dateTime={one.at}>{moment(one.at, zoneOf(search))}</time>
                  </td>
                  <td>{one.actor}</td>
                  <td>{one.action}</td>
                  <td>{versionOf(one.subject)}</td>
                </tr>
              ))}
            </tbody>
          </PlainTable>
        )}
      </Panel>
    </Page>
  );
}

/** The versions that were chosen, else the newest and the one before it. */
function Chosen({ of }: { of: Measured }) {
  const { search } = usePlace();
  const find = (name: string) => of.versions.find((one) => String(one.version) === first(search, name));
  const after = find("shown") ?? of.versions[0];
  const before = find("against") ?? of.versions.find((one) => after && one.version < after.version);
  if (!after) return <p className="empty">There is no version any more.</p>;
  return <Compared after={after} before={before} />;
}

function versionOf(subject: string): string {
  const number = subject.slice(subject.lastIndexOf(":") + 1);
  return number ? `version ${number}` : "all versions";
}
