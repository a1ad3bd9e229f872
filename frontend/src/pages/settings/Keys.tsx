/** A project's keys: made and shown once, rotated, revoked, and when each was last used. */
import { Button, Checkbox, Code, CopyButton, Group, Modal, MultiSelect, Select, TextInput } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { send } from "../../api/client.ts";
import { ago, moment } from "../../format.ts";
import { Failure, Panel } from "../../ui/Panel.tsx";
import { PlainTable } from "../../ui/PlainTable.tsx";
import { RowButton } from "../../ui/RowButton.tsx";
import { zoneOf } from "../../url.ts";
import { type Key, keys, type Made, retention } from "./questions.ts";

const PATH = "/api/v1/keys";

type Act = "rotate" | "revoke" | "content";

export function Keys() {
  const answer = useQuery(keys());
  const queries = useQueryClient();
  const [made, setMade] = useState<Made | null>(null);
  const [making, setMaking] = useState(false);
  const [sure, setSure] = useState("");
  const [error, setError] = useState<Error | null>(null);
  const tell = async (path: string, body: unknown, shownOnce: boolean, method: "POST" | "PATCH" = "POST") => {
    try {
      const found = await send<Made>(method, PATH + path, {}, body);
      setError(null);
      setMaking(false);
      if (shownOnce) setMade(found);
      await queries.invalidateQueries({ queryKey: keys().queryKey });
    } catch (failed) {
      setError(failed as Error);
    }
  };
  const act = (of: Key, what: Act) => {
    if (what === "content" && of.content) void tell(`/${of.id}`, { content: false }, false, "PATCH");
    else if (sure !== what + of.id) setSure(what + of.id);
    else {
      setSure("");
      if (what === "content") void tell(`/${of.id}`, { content: true }, false, "PATCH");
      else void tell(`/${of.id}/${what}`, what === "rotate" ? {} : undefined, what === "rotate");
    }
  };
  return (
    <Panel
      title="Keys"
      query={answer}
      height={200}
      actions={
        <Button size="compact-sm" mih={26} onClick={() => setMaking(true)}>
          Make a key
        </Button>
      }
    >
      {(data) => (
        <>
          {error && !making && <Failure error={error} />}
          <Table rows={data.data} sure={sure} act={act} />
          {making && (
            <Making close={() => setMaking(false)} make={(wanted) => void tell("", wanted, true)} error={error} />
          )}
          {made && <Once of={made} close={() => setMade(null)} />}
        </>
      )}
    </Panel>
  );
}

interface TableProps {
  rows: readonly Key[];
  sure: string;
  act: (of: Key, what: Act) => void;
}

function Table({ rows, sure, act }: TableProps) {
  const zone = zoneOf({});
  const now = Date.now();
  return (
    <PlainTable label="Keys">
      <thead>
        <tr>
          {["Name", "Begins", "May", "Environment", "Content", "Made", "Last used", "Ends", ""].map((name) => (
            <th scope="col" key={name}>
              {name || <span className="sr-only">Change</span>}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((one) => (
          <tr key={one.id} className={one.revoked_at ? "muted" : ""}>
            <td>{one.name}</td>
            <td className="mono">{one.public_key ?? `${one.prefix}…`}</td>
            <td>{one.scopes.join(", ")}</td>
            <td>{one.environment ?? "—"}</td>
            <td>{one.content ? "kept" : "not kept"}</td>
            <td className="num">{moment(one.created_at, zone, false)}</td>
            <td className="num" title={one.last_used_at ?? ""}>
              {one.last_used_at ? ago(one.last_used_at, now) : "never"}
            </td>
            <td className="num">
              {one.revoked_at
                ? `revoked ${moment(one.revoked_at, zone, false)}`
                : one.expires_at
                  ? moment(one.expires_at, zone, false)
                  : "—"}
            </td>
            <td>
              {!one.revoked_at && (
                <Group gap={4} justify="end">
                  <RowButton onClick={() => act(one, "content")}>
                    {one.content
                      ? "Keep no content"
                      : sure === `content${one.id}`
                        ? "Really: what is said is kept"
                        : "Keep content"}
                  </RowButton>
                  <RowButton onClick={() => act(one, "rotate")}>
                    {sure === `rotate${one.id}` ? "Really: the old one ends in a day" : "Rotate"}
                  </RowButton>
                  <RowButton color="gray" onClick={() => act(one, "revoke")}>
                    {sure === `revoke${one.id}` ? "Really: it stops at once" : "Revoke"}
                  </RowButton>
                </Group>
              )}
            </td>
          </tr>
        ))}
      </tbody>
    </PlainTable>
  );
}

function keptFor(days: number | undefined): string {
  return days === undefined ? "for some days" : days === 1 ? "for a day" : `for ${days} days`;
}

interface MakingProps {
  close: () => void;
  make: (wanted: unknown) => void;
  error: Error | null;
}

function Making({ close, make, error }: MakingProps) {
  const [name, setName] = useState("");
  const [scopes, setScopes] = useState<string[]>(["ingest"]);
  const [kind, setKind] = useState("bearer");
  const [environment, setEnvironment] = useState("");
  const [ends, setEnds] = useState("");
  const [chosen, setChosen] = useState<boolean | null>(null);
  const content = chosen ?? kind === "pair";
  const kept = useQuery(retention());
  return (
    <Modal closeButtonProps={{ "aria-label": "Close" }} opened onClose={close} title="Make a key">
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          make({
            name,
            scopes,
            kind,
            environment: environment || null,
            content,
            expires_at: ends ? new Date(ends).toISOString() : null,
          });
        }}
      >
        <TextInput label="Name" required data-autofocus value={name} onChange={(e) => setName(e.currentTarget.value)} />
        <MultiSelect label="It may" data={["ingest", "gateway", "read", "admin"]} value={scopes} onChange={setScopes} />
        <Select
          label="Kind"
          allowDeselect={false}
          data={[
            { value: "bearer", label: "One secret, fk_…" },
            { value: "pair", label: "A pair as Langfuse has them, pk-lf-… and sk-lf-…" },
          ]}
          value={kind}
          onChange={(value) => setKind(value ?? "bearer")}
        />
        <Checkbox
          label="Keep what is said in what it sends"
          description={`Prompts, answers, arguments of tools; without the secrets in them, ${keptFor(kept.data?.content_days)}.`}
          checked={content}
          onChange={(e) => setChosen(e.currentTarget.checked)}
        />
        <TextInput label="Environment" value={environment} onChange={(e) => setEnvironment(e.currentTarget.value)} />
        <TextInput label="Ends" type="datetime-local" value={ends} onChange={(e) => setEnds(e.currentTarget.value)} />
        {error && <Failure error={error} />}
        <Group justify="end">
          <Button variant="default" onClick={close}>
            Cancel
          </Button>
          <Button type="submit" disabled={!name || !scopes.length}>
            Make the key
          </Button>
        </Group>
      </form>
    </Modal>
  );
}

function Once({ of, close }: { of: Made; close: () => void }) {
  return (
    <Modal
      closeButtonProps={{ "aria-label": "Close" }}
      opened
      onClose={close}
      title={`Key ${of.name}`}
      closeOnClickOutside={false}
      size="lg"
    >
      <p>It is shown here once and kept nowhere. Copy it now.</p>
      {of.public_key && (
        <p>
          <Code>{of.public_key}</Code>
        </p>
      )}
      <Group>
        <Code style={{ overflowWrap: "anywhere" }}>{of.secret}</Code>
        <CopyButton value={of.secret}>
          {({ copied, copy }) => (
            <Button size="compact-sm" mih={26} onClick={copy}>
              {copied ? "Copied" : "Copy"}
            </Button>
          )}
        </CopyButton>
      </Group>
    </Modal>
  );
}
