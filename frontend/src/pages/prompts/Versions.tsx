/** A prompt's versions in; a table of what calls with each cost, with labels that can be moved and versions that can be compared, out. */
import { Group, Radio, TextInput } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { type Schemas, send } from "../../api/client.ts";
import { usePlace } from "../../app/place.ts";
import { cellMoney, count, duration, exactMoney, moment } from "../../format.ts";
import { Failure } from "../../ui/Panel.tsx";
import { PlainTable } from "../../ui/PlainTable.tsx";
import { RowButton } from "../../ui/RowButton.tsx";
import { carried, first, type Search, withFilter, zoneOf } from "../../url.ts";
import { Label } from "./Prompts.tsx";
import { addressOf, type Measured, type Version } from "./questions.ts";

const COLUMNS = ["Version", "Labels", "Calls", "Cost", "Per call", "Errors", "p50", "Written", "Why"];
const NUMBERS = new Set(["Calls", "Cost", "Per call", "Errors", "p50"]);

export function Versions({ of, name }: { of: Measured; name: string }) {
  const { search } = usePlace();
  const isPartial = of.total.unpriced_calls + of.total.unknown_usage_calls > 0;
  const calls = (version: string): Search =>
    withFilter(withFilter(carried(search), "tag.prompt", name), "prompt_version", version);
  return (
    <>
      <PlainTable label="Versions">
        <thead>
          <tr>
            <th scope="col">Show</th>
            <th scope="col">Against</th>
            {COLUMNS.map((title) => (
              <th scope="col" key={title} className={NUMBERS.has(title) ? "r" : ""}>
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {of.versions.map((one, at) => (
            <Row key={one.id} of={one} at={at} next={of.versions[1]} calls={calls(String(one.version))} />
          ))}
          {of.other_versions.map((one) => (
            <tr key={one.prompt_version ?? ""} className="muted">
              <td colSpan={2} />
              <td>{one.prompt_version ?? "not told"}</td>
              <td>not kept here</td>
              <Measures of={one} calls={calls(one.prompt_version ?? "")} />
              <td colSpan={2} />
            </tr>
          ))}
        </tbody>
      </PlainTable>
      {isPartial && <p className="muted">* without calls whose model has no price, or that told no usage</p>}
    </>
  );
}

interface RowProps {
  of: Version;
  at: number;
  next: Version | undefined;
  calls: Search;
}

function Row({ of, at, next, calls }: RowProps) {
  const { search, change } = usePlace();
  const number = String(of.version);
  const shown = first(search, "shown");
  const against = first(search, "against");
  const choose = (name: string) => change((now) => ({ ...now, [name]: number }), { replace: true });
  return (
    <tr>
      <td>
        <Radio
          name="shown"
          aria-label={`Show version ${number}`}
          checked={shown ? shown === number : at === 0}
          onChange={() => choose("shown")}
        />
      </td>
      <td>
        <Radio
          name="against"
          aria-label={`Compare with version ${number}`}
          checked={against ? against === number : !shown && next?.version === of.version}
          onChange={() => choose("against")}
        />
      </td>
      <td className="num">{number}</td>
      <td>
        <Labels of={of} />
      </td>
      <Measures of={of.usage} calls={calls} />
      <td className="num" title={of.created_by}>
        <time dateTime={of.created_at}>{moment(of.created_at, zoneOf(search))}</time>
      </td>
      <td>{of.commit_message ?? "—"}</td>
    </tr>
  );
}

function Measures({ of, calls }: { of: Schemas["Measures"] | null; calls: Search }) {
  if (!of)
    return (
      <>
        <td className="r muted">0</td>
        {["Cost", "Per call", "Errors", "p50"].map((title) => (
          <td key={title} className="r muted">
            —
          </td>
        ))}
      </>
    );
  const unknown = of.unpriced_calls + of.unknown_usage_calls;
  return (
    <>
      <td className="r">
        <Link to={"/requests" as never} search={calls as never}>
          {count(of.calls)}
        </Link>
      </td>
      <td className="r" title={`${exactMoney(of.cost_usd)}${unknown ? `, without ${count(unknown)} calls` : ""}`}>
        {of.cost_usd === null ? "— no price" : cellMoney(of.cost_usd)}
        {unknown > 0 && of.cost_usd !== null && " *"}
      </td>
      <td className="r">{perCall(of.cost_usd, of.calls - unknown)}</td>
      <td className="r">{count(of.errors)}</td>
      <td className="r">{duration(of.latency_ms.p50)}</td>
    </>
  );
}

/** A mean for the eye: sums are exact, and this is none. */
function perCall(cost: string | null, calls: number): string {
  if (cost === null || calls < 1) return "—";
  return cellMoney((Number(cost) / calls).toFixed(12));
}

function Labels({ of }: { of: Version }) {
  const queries = useQueryClient();
  const [wanted, setWanted] = useState<string | null>(null);
  const [error, setError] = useState<Error | null>(null);
  const mine = of.labels.filter((label) => label !== "latest");
  const save = async (labels: readonly string[]) => {
    try {
      await send("PATCH", `${addressOf(of.name)}/versions/${of.version}`, {}, { labels });
      setWanted(null);
      setError(null);
      await queries.invalidateQueries();
    } catch (failed) {
      setError(failed as Error);
    }
  };
  if (wanted === null)
    return (
      <Group gap={4} wrap="nowrap">
        {of.labels.map((label) => (
          <Label key={label} name={label} />
        ))}
        {!mine.includes("production") && (
          <RowButton onClick={() => void save([...mine, "production"])}>To production</RowButton>
        )}
        <RowButton color="gray" onClick={() => setWanted(mine.join(", "))}>
          Change
        </RowButton>
        {error && <Failure error={error} />}
      </Group>
    );
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        const labels = wanted.split(/[\s,]+/).filter(Boolean);
        void save(labels);
      }}
    >
      <Group gap={4} wrap="nowrap">
        <TextInput
          size="xs"
          aria-label={`Labels of version ${of.version}`}
          data-autofocus
          value={wanted}
          onChange={(event) => setWanted(event.currentTarget.value)}
        />
        <RowButton variant="filled" type="submit">
          Save
        </RowButton>
        <RowButton color="gray" onClick={() => setWanted(null)}>
          Leave
        </RowButton>
      </Group>
      {error && <Failure error={error} />}
    </form>
  );
}
