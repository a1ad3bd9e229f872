/** What was refused and why, each to be looked at, sent again or taken off the list. */
import { Button, Group } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Fragment, useState } from "react";
import { type Schemas, send } from "../../api/client.ts";
import { usePlace } from "../../app/place.ts";
import { moment } from "../../format.ts";
import { Failure, Panel } from "../../ui/Panel.tsx";
import { PlainTable } from "../../ui/PlainTable.tsx";
import { RowButton } from "../../ui/RowButton.tsx";
import { first, zoneOf } from "../../url.ts";
import { size } from "./Ingest.tsx";
import { quarantine } from "./questions.ts";

type Item = Schemas["Item"];

export function Quarantine() {
  const { search, change } = usePlace();
  const cursor = first(search, "cursor") ?? "";
  const answer = useQuery(quarantine(cursor));
  return (
    <Panel title="Quarantine" finding="the last 1,000 of 30 days" query={answer} height={200}>
      {(data) =>
        data.data.length ? (
          <>
            <Table rows={data.data} />
            <Group justify="center" mt="xs">
              {cursor && (
                <Button size="xs" variant="default" onClick={() => change(({ cursor: _, ...now }) => now)}>
                  The latest
                </Button>
              )}
              {data.next_cursor && (
                <Button
                  size="xs"
                  variant="default"
                  onClick={() => change((now) => ({ ...now, cursor: data.next_cursor ?? "" }))}
                >
                  Older ones
                </Button>
              )}
            </Group>
          </>
        ) : (
          <p className="empty">Nothing was refused: all that was sent is kept.</p>
        )
      }
    </Panel>
  );
}

function Table({ rows }: { rows: readonly Item[] }) {
  const queries = useQueryClient();
  const zone = zoneOf({});
  const [open, setOpen] = useState("");
  const [error, setError] = useState<Error | null>(null);
  const [told, setTold] = useState("");
  const act = async (work: () => Promise<string>) => {
    try {
      setTold(await work());
      setError(null);
    } catch (failed) {
      setError(failed as Error);
    }
    await queries.invalidateQueries({ refetchType: "active" });
  };
  const replay = (id: string) =>
    act(async () => {
      const done = await send<Schemas["Replayed"]>("POST", `/api/v1/quarantine/${id}/replay`);
      return done.accepted ? "It was accepted, and is off the list." : `It is refused still: ${done.detail}`;
    });
  const drop = (id: string) =>
    act(async () => {
      await send("DELETE", `/api/v1/quarantine/${id}`);
      return "Taken off the list.";
    });
  return (
    <>
      {error && <Failure error={error} />}
      <p role="status" style={{ margin: 0 }}>
        {told}
      </p>
      <PlainTable label="Quarantine">
        <thead>
          <tr>
            {["Received", "Signal", "Reason", "", "Size", "Actions"].map((name) => (
              <th scope="col" key={name}>
                {name || "Why"}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((one) => (
            <Fragment key={one.id}>
              <tr>
                <td className="num">{moment(one.received_at, zone)}</td>
                <td>{one.signal}</td>
                <td>
                  {one.reason}
                  {one.kept && <span className="badge">kept</span>}
                </td>
                <td>{one.detail ?? "—"}</td>
                <td className="num">{size(one.size)}</td>
                <td>
                  <Group gap={4} wrap="nowrap">
                    <RowButton aria-expanded={open === one.id} onClick={() => setOpen(open === one.id ? "" : one.id)}>
                      Look
                    </RowButton>
                    <RowButton
                      variant="light"
                      disabled={!one.replayable}
                      title={one.replayable ? "" : "Only a part of it was kept: send it again from where it came from"}
                      onClick={() => void replay(one.id)}
                    >
                      Send again
                    </RowButton>
                    <RowButton color="gray" onClick={() => void drop(one.id)}>
                      Take off
                    </RowButton>
                  </Group>
                </td>
              </tr>
              {open === one.id && (
                <tr>
                  <td colSpan={6}>
                    <pre className="mono" style={{ maxHeight: 320, overflow: "auto", margin: 0 }} tabIndex={0}>
                      {typeof one.sample === "string" ? one.sample : JSON.stringify(one.sample, null, 2)}
                    </pre>
                  </td>
                </tr>
              )}
            </Fragment>
          ))}
        </tbody>
      </PlainTable>
    </>
  );
}
