/** All prompts: their kinds, versions, and which label stands where. */
import { Button, Group } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { usePlace } from "../../app/place.ts";
import { Page } from "../../app/Shell.tsx";
import { asCurl } from "../../api/client.ts";
import { count, moment } from "../../format.ts";
import { Find, useWords } from "../../ui/Find.tsx";
import { Panel } from "../../ui/Panel.tsx";
import { PlainTable } from "../../ui/PlainTable.tsx";
import { carried, zoneOf } from "../../url.ts";
import { hrefOf, type Listed, PATH, prompts } from "./questions.ts";
import { VersionForm } from "./VersionForm.tsx";
import "./prompts.css";

export function Prompts() {
  const { search } = usePlace();
  const words = useWords();
  const answer = useInfiniteQuery(prompts(words));
  const navigate = useNavigate();
  const [writing, setWriting] = useState(false);
  const open = (name: string) => void navigate({ to: hrefOf(name), search: carried(search) } as never);
  return (
    <Page title="Prompts">
      {writing && <VersionForm close={() => setWriting(false)} saved={open} />}
      <Panel
        title="Prompts"
        query={answer}
        height={320}
        curl={asCurl(PATH)}
        actions={
          <Group gap={8}>
            <Find what="prompts by name" hint="Find by name" />
            <Button size="compact-sm" onClick={() => setWriting(true)}>
              New prompt
            </Button>
          </Group>
        }
      >
        {(data) => {
          const rows = data.pages.flatMap((page) => page.data);
          if (!rows.length) return <Nothing words={words} />;
          return (
            <>
              <Table rows={rows} />
              {answer.hasNextPage && (
                <Button size="xs" variant="default" mt="sm" onClick={() => void answer.fetchNextPage()}>
                  Show more
                </Button>
              )}
            </>
          );
        }}
      </Panel>
    </Page>
  );
}

function Nothing({ words }: { words: string }) {
  if (words) return <p className="empty">No prompt has “{words}” in its name.</p>;
  return (
    <div className="empty">
      <p>No prompts yet. Write one here, or add one with a Langfuse SDK:</p>
      <pre className="written">
        {'langfuse.create_prompt(name="greet", prompt="Hello {{who}}!", labels=["production"])'}
      </pre>
      <p>or by POST {PATH}. What calls with each version cost is told here then.</p>
    </div>
  );
}

function Table({ rows }: { rows: readonly Listed[] }) {
  const { search } = usePlace();
  const zone = zoneOf(search);
  return (
    <PlainTable label="Prompts">
      <thead>
        <tr>
          {["Name", "Kind", "Labels", "Tags", "Versions", "Last change"].map((name) => (
            <th scope="col" key={name} className={name === "Versions" ? "r" : ""}>
              {name}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((one) => (
          <tr key={one.name}>
            <td>
              <Link to={hrefOf(one.name) as never} search={carried(search) as never}>
                {one.name}
              </Link>
            </td>
            <td>{one.type}</td>
            <td>
              {Object.entries(one.labels)
                .filter(([label]) => label !== "latest")
                .map(([label, version]) => (
                  <Label key={label} name={`${label} → ${version}`} />
                ))}
            </td>
            <td className="muted">{one.tags.join(", ") || "—"}</td>
            <td className="r">{count(one.versions.length)}</td>
            <td className="num">
              <time dateTime={one.updated_at}>{moment(one.updated_at, zone)}</time>
            </td>
          </tr>
        ))}
      </tbody>
    </PlainTable>
  );
}

export function Label({ name }: { name: string }) {
  return <span className="prompt-label">{name}</span>;
}
