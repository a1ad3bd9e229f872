/** A variant in; what it does, all its versions and what differs between two of them, out. The two are in the address. */
import { Select } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { asCurl } from "../../api/client.ts";
import { usePlace } from "../../app/place.ts";
import { moment } from "../../format.ts";
import { Panel } from "../../ui/Panel.tsx";
import { first, zoneOf } from "../../url.ts";
import { Diff } from "./Diff.tsx";
import { difference, variant, type Version, versionList } from "./questions.ts";
import { Add, Table } from "../../ui/Table.tsx";
import { VersionForm } from "./VersionForm.tsx";
import { fieldInWords, KEEPS, targetsInWords, valueInWords } from "./words.ts";

export function Variant({ config, slug }: { config: string; slug: string }) {
  const answer = useQuery(versionList(config, slug));
  const [editing, setEditing] = useState(false);
  const all = answer.data?.data ?? [];
  const latest = all.at(-1);
  return (
    <div className="stack">
      <p className="crumbs">
        <Link to={"/gateway/configs" as never}>Configs</Link> /{" "}
        <Link to={`/gateway/configs/${config}` as never}>{config}</Link> / {slug}
      </p>
      <Panel
        title={`${slug} as it is now`}
        finding={latest && `version ${latest.version}`}
        query={answer}
        height={180}
        curl={asCurl(`${variant(config, slug)}/versions`)}
        actions={<Add title="New version" act={() => setEditing(true)} />}
      >
        {() => (latest ? <Shown of={latest} /> : <p className="empty">No version.</p>)}
      </Panel>
      {all.length > 1 && <Compared config={config} slug={slug} all={all} />}
      <Panel title="Versions" finding="none of them ever changes" query={answer} height={120}>
        {(data) => <Versions all={data.data} />}
      </Panel>
      {editing && latest && (
        <VersionForm path={`${variant(config, slug)}/versions`} of={latest} close={() => setEditing(false)} />
      )}
    </div>
  );
}

function Shown({ of }: { of: Version }) {
  const more = (["retries", "timeouts", "parameters"] as const).filter((name) => Object.keys(of[name]).length);
  return (
    <dl className="terms-of">
      <dt>Asks</dt>
      <dd>{targetsInWords(of)}</dd>
      {of.system_prompt && (
        <>
          <dt>System prompt</dt>
          <dd>
            <pre className="setting">{of.system_prompt}</pre>
          </dd>
        </>
      )}
      {more.map((name) => (
        <Fact key={name} name={fieldInWords(name)} entries={Object.entries(of[name])} within={name} />
      ))}
      <dt>Cache</dt>
      <dd>{of.cache_ttl_s ? `the same request is answered again for ${of.cache_ttl_s} s` : "off"}</dd>
      <dt>Keeps what is said</dt>
      <dd>{KEEPS[of.keeps_content]}</dd>
      <dt>Guards</dt>
      <dd>
        {of.guards.length
          ? of.guards.map((one) => `${one.name} (${one.kind} of the ${one.on}, ${one.action})`).join(", ")
          : "none"}
      </dd>
    </dl>
  );
}

function Fact({ name, entries, within }: { name: string; entries: [string, unknown][]; within: string }) {
  const said = (key: string) => fieldInWords(`${within}.${key}`).replace(/^[^:]*: /, "");
  return (
    <>
      <dt>{name}</dt>
      <dd>
        {entries
          .map(([key, value]) => `${said(key)} ${Array.isArray(value) ? value.join(", ") : valueInWords(key, value)}`)
          .join(" · ")}
      </dd>
    </>
  );
}

function Compared({ config, slug, all }: { config: string; slug: string; all: readonly Version[] }) {
  const { search, change } = usePlace();
  const to = Number(first(search, "v") ?? all.length);
  const from = Number(first(search, "v_from") ?? Math.max(1, to - 1));
  const answer = useQuery(difference(config, slug, from, to));
  const choose = (name: string, label: string, value: number) => (
    <Select
      size="xs"
      w={150}
      aria-label={label}
      allowDeselect={false}
      data={all.map((one) => ({ value: String(one.version), label: `Version ${one.version}` }))}
      value={String(value)}
      onChange={(told) => change((now) => ({ ...now, [name]: told ?? "1" }))}
    />
  );
  return (
    <Panel
      title="What differs"
      query={answer}
      height={140}
      curl={asCurl(`${variant(config, slug)}/diff`, { from: String(from), to: String(to) })}
      actions={
        <>
          {choose("v_from", "From version", from)} <span aria-hidden>→</span> {choose("v", "To version", to)}
        </>
      }
    >
      {(data) => <Diff of={data.data} />}
    </Panel>
  );
}

function Versions({ all }: { all: readonly Version[] }) {
  const zone = zoneOf({});
  return (
    <Table label="Versions" columns={[">Version", "Since", "By", "Note", "Asks"]}>
      {[...all].reverse().map((one) => (
        <tr key={one.version}>
          <td className="r">{one.version}</td>
          <td className="num">{moment(one.created_at, zone)}</td>
          <td className="mono">{one.created_by}</td>
          <td className="named">{one.note || "—"}</td>
          <td>{targetsInWords(one)}</td>
        </tr>
      ))}
    </Table>
  );
}
