/** All incidents, those that are open first: what of what, how much against what, since when, and who heard of it. */
import { Button, SegmentedControl } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { asCurl } from "../../api/client.ts";
import { usePlace } from "../../app/place.ts";
import { ago, count, moment } from "../../format.ts";
import { Panel } from "../../ui/Panel.tsx";
import { first, type Search, zoneOf } from "../../url.ts";
import { Table } from "../../ui/Table.tsx";
import { type Incident, incidentList, INCIDENTS } from "./questions.ts";
import { against, amount, exactly, groupName, lasted, ordered, quiet, SEVERITIES } from "./words.ts";

const CHOICES = ["all", "open", "acknowledged", "recovered"] as const;
const PAGE = 100;

function asked(search: Search): Search {
  const state = first(search, "state");
  const cursor = first(search, "cursor");
  return {
    ...(state && state !== "all" ? { status: state } : {}),
    ...(cursor ? { cursor } : {}),
    limit: String(PAGE),
  };
}

export function Incidents() {
  const { search, change } = usePlace();
  const answer = useQuery(incidentList(asked(search)));
  const counts = answer.data?.counts;
  const state = first(search, "state") ?? "all";
  const choose = (value: string) =>
    change(({ cursor: _, state: __, ...rest }) => (value === "all" ? rest : { ...rest, state: value }));
  return (
    <Panel
      title="Incidents"
      finding={counts && `${count(counts.open)} open`}
      query={answer}
      height={260}
      curl={asCurl(INCIDENTS, asked(search))}
      actions={
        <SegmentedControl
          size="xs"
          aria-label="Which incidents"
          value={state}
          onChange={choose}
          data={CHOICES.map((value) => ({
            value,
            label: value === "all" || !counts ? value : `${value} ${count(counts[value])}`,
          }))}
        />
      }
    >
      {(data) => (
        <>
          {data.data.length ? <List all={ordered(data.data)} search={search} /> : <None state={state} />}
          {data.next_cursor && (
            <Button
              size="compact-sm"
              mih={26}
              variant="default"
              mt={8}
              onClick={() => change((now) => ({ ...now, cursor: data.next_cursor ?? "" }))}
            >
              Earlier ones
            </Button>
          )}
        </>
      )}
    </Panel>
  );
}

function None({ state }: { state: string }) {
  return (
    <div className="empty">
      {state === "all" ? (
        <p>
          Nothing has happened. <Link to={"/alerts/rules" as never}>Rules</Link> say what is looked for; one click makes
          the first.
        </p>
      ) : (
        <p>No incident is {state}.</p>
      )}
    </div>
  );
}

const COLUMNS = ["Severity", "Rule", "Of", "What against what", "Since", "Lasts", "State", "Told"];

function List({ all, search }: { all: readonly Incident[]; search: Search }) {
  const now = Date.now();
  const zone = zoneOf(search);
  return (
    <Table label="Incidents" columns={COLUMNS}>
      {all.map((one) => (
        <tr key={one.id} className={one.status === "recovered" ? "past" : ""}>
          <td>
            <Severe of={one} />
          </td>
          <td>
            <Link to={`/alerts/incidents/${one.id}` as never} className="go">
              {one.rule_name}
            </Link>
          </td>
          <td>{groupName(one.group)}</td>
          <td className="num">
            <span title={exactly(one.peak, one.verdict.unit)}>
              {one.status === "recovered"
                ? `up to ${amount(one.peak, one.verdict.unit)}`
                : amount(one.verdict.actual, one.verdict.unit)}
            </span>{" "}
            <span className="muted">{against(one.verdict)}</span>
          </td>
          <td className="num">
            <time dateTime={one.since} title={moment(one.since, zone)}>
              {now - Date.parse(one.since) < 3_600_000 ? ago(one.since, now) : moment(one.since, zone, false)}
            </time>
          </td>
          <td className="num">{lasted(one, now)}</td>
          <td>
            {one.status}
            {quiet(one, now) && <span className="muted">, {quiet(one, now)}</span>}
          </td>
          <td className="num">{one.notices ? `${count(one.notices)}×` : "nobody"}</td>
        </tr>
      ))}
    </Table>
  );
}

export function Severe({ of }: { of: Pick<Incident, "severity" | "status"> }) {
  return (
    <span className="severity" data-severity={of.severity} data-over={of.status === "recovered"}>
      {SEVERITIES[of.severity]}
    </span>
  );
}
