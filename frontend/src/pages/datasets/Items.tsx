/** A dataset in; its items, archived or taken up again, each with its versions when it is asked for, out. */
import { Button, Select } from "@mantine/core";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { asCurl } from "../../api/client.ts";
import { usePlace } from "../../app/place.ts";
import { moment } from "../../format.ts";
import { Failure, Panel } from "../../ui/Panel.tsx";
import { PlainTable } from "../../ui/PlainTable.tsx";
import { RowButton } from "../../ui/RowButton.tsx";
import { first, zoneOf } from "../../url.ts";
import { useDoing } from "../../ui/doing.ts";
import { type Item, item, items, itemsPath, putStatus } from "./questions.ts";

export function Items({ id }: { id: string }) {
  const { search, change } = usePlace();
  const status = first(search, "state") ?? "";
  const answer = useInfiniteQuery(items(id, status ? { status } : {}));
  return (
    <Panel
      title="Items"
      query={answer}
      height={300}
      curl={asCurl(itemsPath(id))}
      actions={
        <Select
          size="xs"
          aria-label="Which items"
          allowDeselect={false}
          data={[
            { value: "", label: "All" },
            { value: "ACTIVE", label: "Active" },
            { value: "ARCHIVED", label: "Archived" },
          ]}
          value={status}
          onChange={(next) =>
            change(({ state: _, ...rest }) => (next ? { ...rest, state: next } : rest), { replace: true })
          }
        />
      }
    >
      {(data) => {
        const rows = data.pages.flatMap((page) => page.data);
        if (!rows.length) return <p className="empty">No item is like that.</p>;
        return (
          <>
            <Table id={id} rows={rows} />
            {answer.hasNextPage && (
              <Button size="xs" variant="default" mt="sm" onClick={() => void answer.fetchNextPage()}>
                Show more
              </Button>
            )}
          </>
        );
      }}
    </Panel>
  );
}

function Table({ id, rows }: { id: string; rows: readonly Item[] }) {
  return (
    <PlainTable label="Items" className="dataset-items">
      <thead>
        <tr>
          <th scope="col">Item</th>
          <th scope="col">Input</th>
          <th scope="col">Expected output</th>
          <th scope="col">Since</th>
          <th scope="col">
            <span className="sr-only">What can be done</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {rows.map((one) => (
          <Row key={one.id} id={id} of={one} />
        ))}
      </tbody>
    </PlainTable>
  );
}

function Row({ id, of }: { id: string; of: Item }) {
  const { search } = usePlace();
  const [opened, setOpened] = useState(false);
  const doing = useDoing();
  const isActive = of.status === "ACTIVE";
  return (
    <>
      <tr>
        <th scope="row" className="mono">
          {of.id}
          {!isActive && <span className="muted"> archived</span>}
        </th>
        <td className="cut">{written(of.input)}</td>
        <td className="cut">{written(of.expected_output)}</td>
        <td className="num">
          <time dateTime={of.version}>{moment(of.version, zoneOf(search))}</time>
        </td>
        <td className="r">
          <RowButton aria-expanded={opened} aria-label={`Versions of ${of.id}`} onClick={() => setOpened(!opened)}>
            Versions
          </RowButton>
          <RowButton
            loading={doing.busy}
            aria-label={`${isActive ? "Archive" : "Take up again"} ${of.id}`}
            onClick={() => doing.run(() => putStatus(id, of, isActive ? "ARCHIVED" : "ACTIVE"))}
          >
            {isActive ? "Archive" : "Take up again"}
          </RowButton>
          {doing.error && <Failure error={doing.error} />}
        </td>
      </tr>
      {opened && <Versions id={id} itemId={of.id} />}
    </>
  );
}

function Versions({ id, itemId }: { id: string; itemId: string }) {
  const { search } = usePlace();
  const answer = useQuery(item(id, itemId));
  const zone = zoneOf(search);
  if (answer.error)
    return (
      <tr>
        <td colSpan={5}>
          <Failure error={answer.error} />
        </td>
      </tr>
    );
  return (
    <>
      {answer.data?.versions.map((one) => (
        <tr key={one.version} className="version">
          <td className="muted">{one.status === "ACTIVE" ? "" : "archived"}</td>
          <td className="cut">{written(one.input)}</td>
          <td className="cut">{written(one.expected_output)}</td>
          <td className="num" colSpan={2}>
            {moment(one.version, zone)} to {one.until ? moment(one.until, zone) : "now"}
          </td>
        </tr>
      ))}
    </>
  );
}

function written(value: unknown): string {
  if (value === null || value === undefined) return "—";
  return typeof value === "string" ? value : JSON.stringify(value);
}
