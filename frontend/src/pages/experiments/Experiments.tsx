/** All runs of experiments: what each scored, cost and took; two to six of them are chosen to be compared. */
import { Button, Checkbox, Select } from "@mantine/core";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { asCurl } from "../../api/client.ts";
import { usePlace } from "../../app/place.ts";
import { Page } from "../../app/Shell.tsx";
import { cellMoney, count, duration, exactMoney, moment } from "../../format.ts";
import { Panel } from "../../ui/Panel.tsx";
import { PlainTable } from "../../ui/PlainTable.tsx";
import { all, carried, first, zoneOf } from "../../url.ts";
import { Evaluated } from "./Evaluated.tsx";
import { datasets, experiments, FEWEST, type Listed, MOST, PATH } from "./questions.ts";
import { intervalOf, meanOf, metadataOf } from "./words.ts";
import "./experiments.css";

export function Experiments() {
  const { search, change, go } = usePlace();
  const dataset = first(search, "dataset") ?? "";
  const chosen = all(search, "run");
  const answer = useInfiniteQuery(experiments(dataset));
  const known = useQuery(datasets());
  const names = new Map((known.data?.data ?? []).map((one) => [one.id, one.name]));
  const compare = () => go("/experiments/compare", { ...carried(search), runs: chosen.join(",") });
  return (
    <Page title="Experiments">
      <Panel
        title="Runs"
        finding={chosen.length > 0 && `${chosen.length} chosen; the first is the baseline`}
        query={answer}
        height={320}
        curl={asCurl(PATH, dataset ? { dataset_id: dataset } : {})}
        actions={
          <>
            <Select
              size="xs"
              aria-label="Dataset"
              allowDeselect={false}
              data={[{ value: "", label: "All datasets" }, ...[...names].map(([value, label]) => ({ value, label }))]}
              value={dataset}
              onChange={(id) => change(({ dataset: _, run: _runs, ...rest }) => (id ? { ...rest, dataset: id } : rest))}
            />
            <Button size="xs" disabled={chosen.length < FEWEST} onClick={compare}>
              Compare {chosen.length >= FEWEST ? `${chosen.length} runs` : "runs"}
            </Button>
          </>
        }
      >
        {(data) => {
          const rows = data.pages.flatMap((page) => page.data);
          if (!rows.length) return <Nothing />;
          return (
            <>
              <Table rows={rows} names={names} chosen={chosen} />
              {answer.hasNextPage && (
                <Button size="xs" variant="default" mt="sm" onClick={() => void answer.fetchNextPage()}>
                  Show more
                </Button>
              )}
            </>
          );
        }}
      </Panel>
      <Evaluated />
    </Page>
  );
}

function Nothing() {
  return (
    <div className="empty">
      <p>No run yet. Try a task on every item of a dataset:</p>
      <pre className="example" tabIndex={0} aria-label="Example">
        {"from farthing_sdk.experiments import exact, run_experiment\n" +
          'run_experiment("capitals", answer, [exact()], name="gpt-4o-mini")'}
      </pre>
      <p>Runs of Langfuse’s SDKs are shown here, too.</p>
    </div>
  );
}

interface TableProps {
  rows: readonly Listed[];
  names: ReadonlyMap<string, string>;
  chosen: readonly string[];
}

function Table({ rows, names, chosen }: TableProps) {
  const scores = [...new Set(rows.flatMap((row) => row.summary?.scores.map((score) => score.name) ?? []))];
  return (
    <PlainTable label="Runs" className="runs">
      <thead>
        <tr>
          <th scope="col">
            <span className="sr-only">Chosen</span>
          </th>
          <th scope="col">Run</th>
          <th scope="col">Dataset</th>
          <th scope="col">Metadata</th>
          {["Items", ...scores, "Cost", "p50", "p95", "Errors"].map((name) => (
            <th scope="col" className="r" key={name}>
              {name}
            </th>
          ))}
          <th scope="col">Made</th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <Row key={row.id} row={row} scores={scores} dataset={names.get(row.dataset_id)} chosen={chosen} />
        ))}
      </tbody>
    </PlainTable>
  );
}

interface RowProps {
  row: Listed;
  scores: readonly string[];
  dataset: string | undefined;
  chosen: readonly string[];
}

function Row({ row, scores, dataset, chosen }: RowProps) {
  const { search, change } = usePlace();
  const { summary } = row;
  const isChosen = chosen.includes(row.id);
  const choose = () =>
    change(
      (now) => {
        const before = all(now, "run");
        const after = isChosen ? before.filter((id) => id !== row.id) : [...before, row.id];
        const { run: _, ...rest } = now;
        return after.length ? { ...rest, run: after } : rest;
      },
      { replace: true },
    );
  return (
    <tr data-chosen={isChosen}>
      <td>
        <Checkbox
          aria-label={`Choose ${row.name}`}
          checked={isChosen}
          disabled={!isChosen && chosen.length >= MOST}
          onChange={choose}
        />
      </td>
      <th scope="row">{row.name}</th>
      <td className="muted">{dataset ?? (row.dataset_id || "—")}</td>
      <td className="muted told" title={metadataOf(row.metadata)}>
        {metadataOf(row.metadata) || "—"}
      </td>
      <td className="r">{count(row.items)}</td>
      {scores.map((name) => {
        const score = summary?.scores.find((one) => one.name === name);
        return (
          <td className="r" key={name}>
            {score ? meanOf(score) : "—"}
            {score && <small className="interval">{intervalOf(score)}</small>}
          </td>
        );
      })}
      <td className="r" title={summary ? costTitle(summary) : undefined}>
        {cellMoney(summary?.cost_usd)}
        {summary && summary.cost_usd !== null && summary.unknown_cost_cases > 0 && (
          <small className="interval">{count(summary.unknown_cost_cases)} without</small>
        )}
      </td>
      <td className="r">{duration(summary?.latency_p50_ms)}</td>
      <td className="r">{duration(summary?.latency_p95_ms)}</td>
      <td className={row.errors ? "r bad" : "r"}>{count(row.errors)}</td>
      <td className="num">
        <time dateTime={row.created_at}>{moment(row.created_at, zoneOf(search), false)}</time>
      </td>
    </tr>
  );
}

function costTitle(of: NonNullable<Listed["summary"]>): string {
  const judged = of.evaluation_cost_usd === null ? "" : `; judging cost ${exactMoney(of.evaluation_cost_usd)} besides`;
  return `${exactMoney(of.cost_usd)}, ${count(of.unknown_cost_cases)} of ${count(of.cases)} cases without a known cost${judged}`;
}
