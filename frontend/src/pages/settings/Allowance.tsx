/** How many calls the project may post in a month, and how many it did; another limit, out. */
import { Button, Group, TextInput } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { asCurl, type Schemas, send } from "../../api/client.ts";
import { count, percent } from "../../format.ts";
import { Failure, Panel } from "../../ui/Panel.tsx";
import { allowance, ALLOWANCE } from "./questions.ts";

type Standing = Schemas["AllowanceStanding"];

export function Allowance() {
  const answer = useQuery(allowance());
  return (
    <Panel
      title="Allowance"
      finding="of calls posted one by one; your applications' own calls never wait for it"
      query={answer}
      height={140}
      curl={asCurl(ALLOWANCE)}
    >
      {(data) => (
        <div className="stack">
          <p style={{ margin: 0 }}>
            <strong>{count(data.used)}</strong>{" "}
            {data.requests === null
              ? "posted this month; there is no limit."
              : `of ${count(data.requests)} posted this month (${percent(data.requests ? data.used / data.requests : 1)}), ${count(data.remaining)} left.`}{" "}
            <span className="muted">
              {data.period_start.slice(0, 10)} – {data.period_end.slice(0, 10)}, UTC
            </span>
          </p>
          <Limits key={JSON.stringify(data.data)} of={data} />
        </div>
      )}
    </Panel>
  );
}

const DIGITS = /^\d{0,15}$/;

function Limits({ of }: { of: Standing }) {
  const queries = useQueryClient();
  const own = of.data.find((one) => one.key_id === null);
  const [plan, setPlan] = useState(own?.plan ?? "");
  const [requests, setRequests] = useState(own?.requests?.toString() ?? "");
  const [perMinute, setPerMinute] = useState(own?.per_minute?.toString() ?? "");
  const [error, setError] = useState<Error | null>(null);
  const number = (text: string) => (text === "" ? null : Number(text));
  const save = async () => {
    try {
      await send("PUT", ALLOWANCE, {}, { plan, requests: number(requests), per_minute: number(perMinute) });
      setError(null);
      await queries.invalidateQueries({ queryKey: allowance().queryKey });
    } catch (failed) {
      setError(failed as Error);
    }
  };
  const digits = (label: string, hint: string, value: string, put: (value: string) => void) => (
    <TextInput
      label={label}
      description={hint}
      size="xs"
      inputMode="numeric"
      value={value}
      error={DIGITS.test(value) ? undefined : "A whole number"}
      onChange={(event) => put(event.currentTarget.value)}
    />
  );
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
    >
      <Group align="end" gap={12}>
        {digits("Requests a month", "Empty: no limit", requests, setRequests)}
        {digits("Requests a minute and key", "Empty: the server's own", perMinute, setPerMinute)}
        <TextInput
          label="Name of the plan"
          description="What clients are shown"
          size="xs"
          value={plan}
          onChange={(event) => setPlan(event.currentTarget.value)}
        />
        <Button size="xs" type="submit" disabled={!DIGITS.test(requests) || !DIGITS.test(perMinute)}>
          Save
        </Button>
      </Group>
      {error && <Failure error={error} />}
    </form>
  );
}
