/** Which recorded calls in; what today's prices would change of them, by model and day; then changed, or as they were, out. */
import { Button, Group, TextInput } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { send } from "../../api/client.ts";
import { usePlace } from "../../app/place.ts";
import { count, exactMoney, moment, money } from "../../format.ts";
import { Failure, Panel } from "../../ui/Panel.tsx";
import { PlainTable } from "../../ui/PlainTable.tsx";
import { first, type Search, zoneOf } from "../../url.ts";
import { JobDiff, change as difference } from "./JobDiff.tsx";
import { isOver, type Job, job, jobs, PATH } from "./questions.ts";

const FIELDS = [
  ["r_from", "From", "now-30d"],
  ["r_to", "To", "now"],
  ["r_provider", "Provider", ""],
  ["r_model", "Model", ""],
] as const;

export function Repricing() {
  const { search, change } = usePlace();
  const queries = useQueryClient();
  const [error, setError] = useState<Error | null>(null);
  const shown = first(search, "job");
  const field = (name: string, usual = "") => first(search, name) ?? usual;
  const filters = Object.fromEntries(
    [
      ["provider", field("r_provider")],
      ["model", field("r_model")],
    ].filter(([, value]) => value),
  );
  const ask = async (of: { from: string; to: string; filters: Search }, dryRun: boolean) => {
    setError(null);
    try {
      const made = await send<Job>("POST", `${PATH}/reprice`, {}, { ...of, dry_run: dryRun });
      change((now) => ({ ...now, job: made.id }), { replace: true });
      await queries.invalidateQueries({ queryKey: jobs().queryKey });
    } catch (failed) {
      setError(failed as Error);
    }
  };
  return (
    <div className="stack">
      <section className="panel" aria-label="Price the past again">
        <header>
          <h2>
            Price the past again <span className="finding">recorded calls keep their cost until you say otherwise</span>
          </h2>
        </header>
        <form
          onSubmit={(event) => {
            event.preventDefault();
            void ask({ from: field("r_from", "now-30d"), to: field("r_to", "now"), filters }, true);
          }}
        >
          <Group align="end" gap={12}>
            {FIELDS.map(([name, label, usual]) => (
              <TextInput
                key={name}
                label={label}
                size="xs"
                placeholder={usual || "any"}
                value={field(name)}
                onChange={(event) => {
                  const value = event.currentTarget.value;
                  change(({ [name]: _, ...now }) => (value ? { ...now, [name]: value } : now), { replace: true });
                }}
              />
            ))}
            <Button size="xs" type="submit">
              Preview
            </Button>
          </Group>
        </form>
        {error && <Failure error={error} />}
      </section>
      {shown && <OneJob id={shown} apply={(of) => void ask(of, false)} />}
      <Jobs />
    </div>
  );
}

function OneJob({ id, apply }: { id: string; apply: (of: { from: string; to: string; filters: Search }) => void }) {
  const answer = useQuery(job(id));
  const queries = useQueryClient();
  const [error, setError] = useState<Error | null>(null);
  const tell = async (what: "cancel" | "undo") => {
    try {
      await send("POST", `${PATH}/reprice/${id}/${what}`);
      await queries.invalidateQueries();
    } catch (failed) {
      setError(failed as Error);
    }
  };
  return (
    <Panel
      title={answer.data?.dry_run === false ? "Priced again" : "Preview"}
      finding={answer.data && sentence(answer.data)}
      query={answer}
      height={220}
      actions={
        answer.data && (
          <Group gap={8}>
            {!isOver(answer.data) && (
              <Button size="compact-sm" mih={26} variant="default" onClick={() => void tell("cancel")}>
                Stop
              </Button>
            )}
            {answer.data.dry_run && !answer.data.tried && answer.data.state === "done" && answer.data.touched > 0 && (
              <Button size="compact-sm" mih={26} onClick={() => answer.data && apply(same(answer.data))}>
                Apply to {count(answer.data.touched)} rows
              </Button>
            )}
            {!answer.data.dry_run && answer.data.state === "done" && answer.data.touched > 0 && (
              <Button size="compact-sm" mih={26} variant="default" onClick={() => void tell("undo")}>
                Undo: restore the former costs
              </Button>
            )}
          </Group>
        )
      }
    >
      {(data) => (
        <>
          {error && <Failure error={error} />}
          {data.error && <p className="notice error">{data.error}</p>}
          <JobDiff of={data} />
        </>
      )}
    </Panel>
  );
}

/** The very same calls, not those of a range that has moved on since. */
function same(of: Job) {
  return { from: of.from, to: of.to, filters: of.filters as Search };
}

function sentence(of: Job): string {
  if (!isOver(of)) {
    return `${of.state}: ${count(of.calls_seen)} of ${count(of.calls_total)} calls seen`;
  }
  if (of.state !== "done") return of.restored === null ? of.state : `${of.state}, ${count(of.restored)} rows as before`;
  const { total } = of;
  if (!of.touched) return `nothing changes in ${count(total.calls)} calls`;
  return `${count(total.changed_calls)} of ${count(total.calls)} calls, ${money(total.old_cost_usd)} → ${money(total.new_cost_usd)}`;
}

function Jobs() {
  const answer = useQuery(jobs());
  const { change } = usePlace();
  const zone = zoneOf({});
  return (
    <Panel title="Jobs" query={answer} height={80}>
      {(data) =>
        data.data.length ? (
          <PlainTable label="Jobs">
            <thead>
              <tr>
                {["Asked", "Kind", "State", "Calls of", "Changes"].map((name) => (
                  <th scope="col" key={name}>
                    {name}
                  </th>
                ))}
                <th scope="col" className="r">
                  Difference
                </th>
              </tr>
            </thead>
            <tbody>
              {data.data.map((one) => (
                <tr key={one.id}>
                  <td className="num">
                    <button
                      type="button"
                      className="linklike"
                      onClick={() => change((now) => ({ ...now, job: one.id }))}
                    >
                      {moment(one.created_at, zone)}
                    </button>
                  </td>
                  <td>
                    {one.tried
                      ? `price tried: ${one.tried.model || one.tried.provider || "all"}`
                      : one.dry_run
                        ? "preview"
                        : "applied"}
                  </td>
                  <td>{one.state}</td>
                  <td>
                    {one.from.slice(0, 10)} – {one.to.slice(0, 10)}{" "}
                    {Object.entries(one.filters)
                      .map(([name, values]) => `${name} ${values.join(" or ")}`)
                      .join(", ")}
                  </td>
                  <td>{count(one.touched)} rows</td>
                  <td className="r" title={exactMoney(difference(one.total))}>
                    {money(difference(one.total))}
                  </td>
                </tr>
              ))}
            </tbody>
          </PlainTable>
        ) : (
          <p className="muted">None yet.</p>
        )
      }
    </Panel>
  );
}
