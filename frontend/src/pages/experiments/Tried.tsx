/** What an evaluation would say of the latest calls in; a table of it, out. */
import { Link } from "@tanstack/react-router";
import type { Schemas } from "../../api/client.ts";
import { count } from "../../format.ts";
import { Table } from "../../ui/Table.tsx";

export function Tried({ name, found: { data } }: { name: string; found: Schemas["Tried"] }) {
  if (!data.length) return <p className="muted">No call of the last 30 days passes the filters of {name}.</p>;
  return (
    <>
      <p className="muted">
        What {name} says of the latest {count(data.length)}; nothing of it is kept.
      </p>
      <Table label={`What ${name} says`} columns={["Call", "Score", "Why", "Answer"]}>
        {data.map((one) => (
          <tr key={one.call_id}>
            <td>
              <Link to={`/requests/${one.call_id}` as never} className="go">
                {one.call_id.slice(-8)}
              </Link>
            </td>
            <td>{one.label ?? one.value ?? "—"}</td>
            <td>{one.explanation ?? one.reason}</td>
            <td className="muted told">{one.output ?? "—"}</td>
          </tr>
        ))}
      </Table>
    </>
  );
}
