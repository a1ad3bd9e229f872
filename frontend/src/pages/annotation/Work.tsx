/** One queue: what waits in it, thing after thing, with what was said there and the scores to give. */
import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { asCurl, send } from "../../api/client.ts";
import { usePlace } from "../../app/place.ts";
import { Page } from "../../app/Shell.tsx";
import { count, moment } from "../../format.ts";
import { PlainTable } from "../../ui/PlainTable.tsx";
import { RowButton } from "../../ui/RowButton.tsx";
import { useDoing } from "../../ui/doing.ts";
import { Failure, Panel } from "../../ui/Panel.tsx";
import { carried, first, zoneOf } from "../../url.ts";
import { Judging } from "./Judging.tsx";
import { configs, type Item, items, QUEUES, queue } from "./questions.ts";
import "./annotation.css";

const STATUSES = [
  ["PENDING", "Waiting"],
  ["COMPLETED", "Done"],
] as const;

export function Work() {
  const { id } = useParams({ strict: false }) as { id: string };
  const { search, change } = usePlace();
  const far = useQuery(queue(id));
  const known = useQuery(configs());
  const status = first(search, "status_of") ?? "PENDING";
  const listed = useQuery(items(id, status));
  const wanted = (known.data?.data ?? []).filter((one) => far.data?.score_config_ids.includes(one.id));
  const rows = listed.data?.data ?? [];
  const chosen = rows.find((one) => one.id === first(search, "item")) ?? rows[0];
  const open = (item: string | undefined) =>
    change(({ item: _, ...rest }) => (item ? { ...rest, item } : rest), { replace: true });
  return (
    <Page title={far.data?.name ?? "Queue"}>
      <p style={{ margin: 0 }}>
        <Link to={"/annotation" as never} search={carried(search) as never}>
          ← All queues
        </Link>
      </p>
      {far.data?.description && <p className="muted">{far.data.description}</p>}
      {chosen && known.data && (
        <Judging
          key={chosen.id}
          queue={id}
          of={chosen}
          configs={wanted}
          done={() => open(rows[rows.indexOf(chosen) + 1]?.id)}
        />
      )}
      <Panel
        title={status === "PENDING" ? "Waiting" : "Done"}
        finding={far.data && `${count(far.data.pending)} waiting, ${count(far.data.completed)} done`}
        query={listed}
        height={160}
        curl={asCurl(`${QUEUES}/${id}/items`, { status })}
        actions={STATUSES.map(([value, title]) => (
          <RowButton
            key={value}
            variant={status === value ? "light" : "subtle"}
            aria-pressed={status === value}
            onClick={() => change(({ item: _, ...now }) => ({ ...now, status_of: value }), { replace: true })}
          >
            {title}
          </RowButton>
        ))}
      >
        {(data) =>
          data.data.length ? (
            <Items queue={id} of={data.data} chosen={chosen} open={open} />
          ) : (
            <p className="empty">
              {status === "PENDING" ? "Nothing waits. Traces are put in from their own page." : "Nothing is done yet."}
            </p>
          )
        }
      </Panel>
    </Page>
  );
}

interface ItemsProps {
  queue: string;
  of: readonly Item[];
  chosen: Item | undefined;
  open: (item: string) => void;
}

function Items({ queue: id, of, chosen, open }: ItemsProps) {
  const { search } = usePlace();
  const doing = useDoing();
  return (
    <>
      {doing.error && <Failure error={doing.error} />}
      <PlainTable label="Things in the queue">
        <tbody>
          {of.map((one) => (
            <tr key={one.id} aria-current={one.id === chosen?.id || undefined}>
              <th scope="row">
                <button type="button" className="linklike mono" onClick={() => open(one.id)}>
                  {one.object_id}
                </button>
              </th>
              <td>{one.object_type.toLowerCase()}</td>
              <td className="num">
                <time dateTime={one.completed_at ?? one.created_at}>
                  {moment(one.completed_at ?? one.created_at, zoneOf(search))}
                </time>
              </td>
              <td className="r">
                <RowButton
                  color="gray"
                  aria-label={`Take out ${one.object_id}`}
                  onClick={() => doing.run(() => send("DELETE", `${QUEUES}/${id}/items/${one.id}`))}
                >
                  Take out
                </RowButton>
              </td>
            </tr>
          ))}
        </tbody>
      </PlainTable>
    </>
  );
}
