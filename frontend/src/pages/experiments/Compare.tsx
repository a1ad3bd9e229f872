/** Two to six runs beside each other: which is good enough for the least money, how sure that is, and on which items they differ. */
import { NumberInput, Select } from "@mantine/core";
import { useDebouncedCallback } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { asCurl } from "../../api/client.ts";
import { usePlace } from "../../app/place.ts";
import { Page } from "../../app/Shell.tsx";
import { count } from "../../format.ts";
import { Panel } from "../../ui/Panel.tsx";
import { carried, first } from "../../url.ts";
import { Front } from "./Front.tsx";
import { Items } from "./Items.tsx";
import { type Comparison, comparing, comparison, datasets, PATH } from "./questions.ts";
import { Runs } from "./Runs.tsx";
import { Strip } from "./Strip.tsx";
import { choiceOf, suresOf } from "./words.ts";
import "./experiments.css";

const DELTA = 0.05;
const PAUSE_MS = 400;

export function Compare() {
  const { search } = usePlace();
  const answer = useQuery(comparison(search));
  const known = useQuery(datasets());
  const { data } = answer;
  const dataset = known.data?.data.find((one) => one.id === data?.runs[0]?.dataset_id);
  return (
    <Page title="Compare runs">
      <p style={{ margin: 0 }}>
        <Link to={"/experiments" as never} search={carried(search) as never}>
          ← All runs
        </Link>
      </p>
      {data?.warnings.length ? <Warnings of={data} /> : null}
      <Panel
        title="Cheapest run that is good enough"
        finding={dataset && `of ${dataset.name}`}
        query={answer}
        height={90}
        curl={asCurl(`${PATH}/compare`, comparing(search))}
        actions={data && <Terms of={data} />}
      >
        {(told) => (
          <>
            <p className="choice">{choiceOf(told)}</p>
            {told.choice.scores.length > 0 && (
              <p className="muted sures">Confidence that it is not worse: {suresOf(told)}.</p>
            )}
          </>
        )}
      </Panel>
      <Panel title="Runs" finding={data && `${count(data.items)} items`} query={answer} height={160}>
        {(told) => <Runs of={told} />}
      </Panel>
      <Panel title="Beside the baseline" query={answer} height={160}>
        {(told) => <Strip of={told} />}
      </Panel>
      <Panel title="Quality and cost" query={answer} height={300}>
        {(told) => <Front of={told} />}
      </Panel>
      {data && <Items of={data} />}
    </Page>
  );
}

/** Which run is the baseline, and how much worse is still good enough. */
function Terms({ of }: { of: Comparison }) {
  const { search, change } = usePlace();
  const set = (name: string, value: string) =>
    change(({ [name]: _, ...rest }) => (value ? { ...rest, [name]: value } : rest), { replace: true });
  const means = of.scores.filter((score) => score.front.length).map((score) => score.name);
  return (
    <div className="terms">
      <Select
        size="xs"
        label="Baseline"
        allowDeselect={false}
        data={of.runs.map((run) => ({ value: run.id, label: run.name }))}
        value={of.base}
        onChange={(id) => set("base", id ?? "")}
      />
      <Select
        size="xs"
        label="By"
        data={[{ value: "", label: "all scores" }, ...means]}
        value={first(search, "by") ?? ""}
        allowDeselect={false}
        onChange={(name) => set("by", name ?? "")}
      />
      <Delta set={(value) => set("delta", value)} value={first(search, "delta") ?? String(DELTA)} />
    </div>
  );
}

/** A comparison is not for free: it is asked once the typing is over. */
function Delta({ value, set }: { value: string; set: (value: string) => void }) {
  const later = useDebouncedCallback(set, PAUSE_MS);
  return (
    <NumberInput
      size="xs"
      label="Worse by at most (δ)"
      w={150}
      min={0}
      step={0.01}
      hideControls
      defaultValue={Number(value)}
      onChange={(next) => later(String(next))}
    />
  );
}

function Warnings({ of }: { of: Comparison }) {
  return (
    <div className="notice" role="note" aria-label="What makes this comparison less than it seems">
      <strong>Read with care.</strong>
      <ul className="warnings">
        {of.warnings.map((one) => (
          <li key={`${one.code} ${one.run_id} ${one.score}`}>{one.text}</li>
        ))}
      </ul>
    </div>
  );
}
