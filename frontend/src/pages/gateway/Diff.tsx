/** What differs between two versions in; a row per field, long text line by line, out. */
import type { Difference } from "./questions.ts";
import { Table } from "../../ui/Table.tsx";
import { fieldInWords, valueInWords } from "./words.ts";

const KINDS: Record<string, string> = { "-": "taken away: ", "+": "added: " };

export function Diff({ of }: { of: readonly Difference[] }) {
  const short = of.filter((one) => !one.lines.length);
  const long = of.filter((one) => one.lines.length);
  if (!of.length) return <p className="empty">Nothing. They are the same.</p>;
  return (
    <div className="stack">
      {short.length > 0 && (
        <Table label="Changed fields" columns={["Field", "Before", "After"]}>
          {short.map((one) => (
            <tr key={one.field}>
              <th scope="row">{fieldInWords(one.field)}</th>
              <td>
                <pre className="setting">{valueInWords(one.field, one.before)}</pre>
              </td>
              <td>
                <pre className="setting">{valueInWords(one.field, one.after)}</pre>
              </td>
            </tr>
          ))}
        </Table>
      )}
      {long.map((one) => (
        <div key={one.field}>
          <h3>{fieldInWords(one.field)}</h3>
          <div className="diff" tabIndex={0} role="region" aria-label={`${fieldInWords(one.field)}, line by line`}>
            {one.lines.slice(2).map((line, at) => (
              <div key={at} data-kind={line[0]}>
                {KINDS[line[0] ?? ""] && <span className="sr-only">{KINDS[line[0] ?? ""]}</span>}
                {line || " "}
              </div>
            ))}
          </div>
        </div>
      ))}
    </div>
  );
}
