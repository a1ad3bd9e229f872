/** Which share of a config's calls each variant answers, under which conditions. */
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { type CSSProperties, useState } from "react";
import { asCurl, send } from "../../api/client.ts";
import { percent } from "../../format.ts";
import { Failure, Panel } from "../../ui/Panel.tsx";
import { RowButton } from "../../ui/RowButton.tsx";
import { type Doing, useDoing } from "../../ui/doing.ts";
import { type Rollout, rolloutList, ROLLOUTS } from "./questions.ts";
import { RolloutForm } from "./RolloutForm.tsx";
import { type Group, groupsOf, type Share } from "./shares.ts";
import { Actions, Add, Table } from "../../ui/Table.tsx";
import { conditionInWords } from "./words.ts";

export function Rollouts() {
  const answer = useQuery(rolloutList());
  const [form, setForm] = useState<Rollout | "new" | null>(null);
  const doing = useDoing();
  return (
    <>
      <Panel
        title="Rollouts"
        finding="of those whose conditions hold, the highest priority; of these by weight; a user stays with a variant"
        query={answer}
        height={220}
        curl={asCurl(ROLLOUTS)}
        actions={<Add title="Roll a variant out" act={() => setForm("new")} />}
      >
        {(data) => (
          <>
            {doing.error && <Failure error={doing.error} />}
            {data.data.length ? (
              groupsOf(data.data).map((group) => (
                <Competing
                  key={`${group.config} ${group.environment} ${group.priority}`}
                  of={group}
                  edit={setForm}
                  doing={doing}
                />
              ))
            ) : (
              <p className="empty">None yet. A config without rollouts is answered by its only variant.</p>
            )}
          </>
        )}
      </Panel>
      {form && <RolloutForm of={form === "new" ? undefined : form} close={() => setForm(null)} />}
    </>
  );
}

function Competing({ of, edit, doing }: { of: Group; edit: (of: Rollout) => void; doing: Doing }) {
  const where = of.environment ? `in ${of.environment}` : "in all environments";
  const title = `${of.config} ${where}${of.priority ? `, priority ${of.priority}` : ""}`;
  const living = of.shares.filter((one) => one.share > 0);
  return (
    <>
      <h3>
        <Link to={`/gateway/configs/${of.config}` as never}>{title}</Link>
      </h3>
      <div
        className="shares"
        role="img"
        aria-label={`${title}: ${living.map((one) => `${one.of.variant} ${percent(one.share)}`).join(", ") || "nothing"}`}
      >
        {living.map((one, at) => (
          <span
            key={one.of.id}
            style={{ flex: one.share, borderLeftColor: `var(--series-${at % 7})` } as CSSProperties}
            title={`${one.of.variant} ${percent(one.share)}`}
          >
            {one.of.variant} {percent(one.share)}
          </span>
        ))}
      </div>
      <Table label={title} columns={["Variant", "Version", ">Weight", ">Share", "Calls", "State", ""]}>
        {of.shares.map((one) => (
          <Row key={one.of.id} one={one} edit={edit} doing={doing} />
        ))}
      </Table>
    </>
  );
}

function Row({ one: { of, share }, edit, doing }: { one: Share; edit: (of: Rollout) => void; doing: Doing }) {
  const path = `${ROLLOUTS}/${of.id}`;
  return (
    <tr className={of.enabled ? "" : "muted"}>
      <td className="named">
        <Link to={`/gateway/configs/${of.config}/${of.variant}` as never}>{of.variant}</Link> {of.name}
      </td>
      <td>{of.version === null ? "the latest" : `pinned to ${of.version}`}</td>
      <td className="r">{of.weight}</td>
      <td className="r">{percent(share)}</td>
      <td className="named">{conditionInWords(of.conditions)}</td>
      <td>{of.enabled ? "on" : "off"}</td>
      <td>
        <Actions
          of={`${of.variant} of ${of.config}`}
          doing={doing}
          edit={() => edit(of)}
          remove={() => send("DELETE", path)}
        >
          <RowButton onClick={() => doing.run(() => send("PATCH", path, {}, { enabled: !of.enabled }))}>
            Turn {of.enabled ? "off" : "on"}
          </RowButton>
        </Actions>
      </td>
    </tr>
  );
}
