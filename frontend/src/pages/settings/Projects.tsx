/** Projects: all one may see, and a new one. */
import { Button, Group, TextInput } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { send } from "../../api/client.ts";
import { moment } from "../../format.ts";
import { Failure, Panel } from "../../ui/Panel.tsx";
import { PlainTable } from "../../ui/PlainTable.tsx";
import { zoneOf } from "../../url.ts";
import { projects } from "./questions.ts";

export function Projects() {
  const answer = useQuery(projects());
  const queries = useQueryClient();
  const [id, setId] = useState("");
  const [name, setName] = useState("");
  const [error, setError] = useState<Error | null>(null);
  const tell = async (method: "POST" | "PATCH", path: string, body: unknown) => {
    try {
      await send(method, `/api/v1/projects${path}`, {}, body);
      setError(null);
      setId("");
      setName("");
      await queries.invalidateQueries();
    } catch (failed) {
      setError(failed as Error);
    }
  };
  return (
    <Panel
      title="Projects"
      finding="calls, keys, budgets and prices of one are never seen from another"
      query={answer}
      height={120}
    >
      {(data) => (
        <div className="stack">
          <PlainTable label="Projects">
            <thead>
              <tr>
                <th scope="col">Id</th>
                <th scope="col">Name</th>
                <th scope="col">Made</th>
              </tr>
            </thead>
            <tbody>
              {data.data.map((one) => (
                <tr key={one.id}>
                  <td className="mono">{one.id}</td>
                  <td>
                    <TextInput
                      aria-label={`Name of ${one.id}`}
                      size="xs"
                      defaultValue={one.name}
                      onBlur={(event) => {
                        const next = event.currentTarget.value.trim();
                        if (next && next !== one.name) void tell("PATCH", `/${one.id}`, { name: next });
                      }}
                    />
                  </td>
                  <td className="num">{moment(one.created_at, zoneOf({}), false)}</td>
                </tr>
              ))}
            </tbody>
          </PlainTable>
          <form
            onSubmit={(event) => {
              event.preventDefault();
              void tell("POST", "", { id, name });
            }}
          >
            <Group align="end" gap={8}>
              <TextInput
                label="Id"
                description="a-z, 0-9 and -; never changes"
                size="xs"
                value={id}
                onChange={(event) => setId(event.currentTarget.value)}
              />
              <TextInput label="Name" size="xs" value={name} onChange={(event) => setName(event.currentTarget.value)} />
              <Button size="xs" type="submit" disabled={!id || !name.trim()}>
                Make a project
              </Button>
            </Group>
          </form>
          {error && <Failure error={error} />}
        </div>
      )}
    </Panel>
  );
}
