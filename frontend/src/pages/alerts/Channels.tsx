/** All channels and how they do, each tried with a press; below them what was sent. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { asCurl, type Schemas, send } from "../../api/client.ts";
import { usePlace } from "../../app/place.ts";
import { ago, count, moment } from "../../format.ts";
import { Failure, Panel } from "../../ui/Panel.tsx";
import { RowButton } from "../../ui/RowButton.tsx";
import { zoneOf } from "../../url.ts";
import { useDoing } from "../../ui/doing.ts";
import { Actions, Add, Table } from "../../ui/Table.tsx";
import { ChannelForm } from "./ChannelForm.tsx";
import { KIND_NAMES, target } from "./channelFields.ts";
import { Deliveries } from "./Deliveries.tsx";
import { type Channel, channelList, CHANNELS } from "./questions.ts";

const LEAST: Record<Channel["least_severity"], string> = {
  info: "everything",
  warning: "warnings and critical",
  critical: "critical only",
  none: "digest only",
};

export function Channels() {
  const answer = useQuery(channelList());
  const [form, setForm] = useState<Channel | "new" | null>(null);
  const doing = useDoing();
  return (
    <div className="grid">
      <Panel
        title="Channels"
        query={answer}
        height={180}
        curl={asCurl(CHANNELS)}
        actions={<Add title="Add a channel" act={() => setForm("new")} />}
      >
        {(data) =>
          data.data.length ? (
            <>
              {doing.error && <Failure error={doing.error} />}
              <Table label="Channels" columns={["Channel", "To", "Tells", "Digest", "State", "Test", ""]}>
                {data.data.map((one) => (
                  <tr key={one.id} className={one.enabled ? "" : "muted"}>
                    <td>
                      {one.name}
                      <div className="muted">{KIND_NAMES[one.kind]}</div>
                    </td>
                    <td className="mono">{target(one)}</td>
                    <td>{LEAST[one.least_severity]}</td>
                    <td>
                      {one.digest ? `every ${one.digest.every} at ${one.digest.at}, ${one.digest.timezone}` : "—"}
                    </td>
                    <td>
                      <State of={one} />
                    </td>
                    <td>
                      <Test of={one} />
                    </td>
                    <td>
                      <Actions
                        of={one.name}
                        doing={doing}
                        edit={() => setForm(one)}
                        remove={() => send("DELETE", `${CHANNELS}/${one.id}`)}
                      />
                    </td>
                  </tr>
                ))}
              </Table>
            </>
          ) : (
            <p className="empty">Nobody is told yet. Add Slack, Discord, Teams, PagerDuty, a webhook or e-mail.</p>
          )
        }
      </Panel>
      <Deliveries />
      {form && <ChannelForm of={form === "new" ? undefined : form} close={() => setForm(null)} />}
    </div>
  );
}

function State({ of }: { of: Channel }) {
  const { search } = usePlace();
  const now = Date.now();
  if (!of.enabled) return <>off</>;
  return (
    <>
      {of.failing_since ? (
        <span className="bad">
          ✗ fails since {moment(of.failing_since, zoneOf(search), false)}: {of.last_error}
        </span>
      ) : of.last_sent_at ? (
        `✓ last sent ${ago(of.last_sent_at, now)}`
      ) : (
        "new"
      )}
      {of.pending > 0 && <span className="muted">, {count(of.pending)} to be sent</span>}
    </>
  );
}

/** One real message, once; what the receiver answered. */
function Test({ of }: { of: Channel }) {
  const queries = useQueryClient();
  const [busy, setBusy] = useState(false);
  const [found, setFound] = useState<Schemas["Tested"] | Error | null>(null);
  const test = async () => {
    setBusy(true);
    setFound(
      await send<Schemas["Tested"]>("POST", `${CHANNELS}/${of.id}/test`).catch((error: unknown) => error as Error),
    );
    setBusy(false);
    await queries.invalidateQueries();
  };
  const error = found instanceof Error ? found.message : found?.ok === false ? found.error : null;
  return (
    <div className="tested">
      <RowButton variant="default" loading={busy} onClick={() => void test()} aria-label={`Test ${of.name}`}>
        Test
      </RowButton>
      <span role="status">
        {error ? <span className="bad">✗ {error}</span> : found && <span>✓ the receiver took it</span>}
      </span>
    </div>
  );
}
