/** An incident in; what moved, by how much, as bars, each with the way to its requests, out. */
import { Link } from "@tanstack/react-router";
import type { Search } from "../../url.ts";
import { Table } from "../../ui/Table.tsx";
import { approximate, percent } from "../../format.ts";
import { callsOf } from "./course.ts";
import type { Incident } from "./questions.ts";
import { amount, exactly, groupName, scoped } from "./words.ts";

/** The time of an incident, with the window that it was found in; what goes on ends now. */
export function rangeOf(of: Incident): Search {
  const window = of.verdict.window_from;
  const from = of.kind !== "anomaly" && Date.parse(window) < Date.parse(of.since) ? window : of.since;
  return { from, to: of.recovered_at ?? "now" };
}

export function Drivers({ of, filters }: { of: Incident; filters: Search }) {
  const { drivers, unit } = of.verdict;
  const most = Math.max(...drivers.map((one) => Math.abs(approximate(one.change)))) || 1;
  const calls = callsOf(of, filters);
  return (
    <section className="panel" aria-label="Because of what">
      <header>
        <h2>
          Because of what{" "}
          <Link className="finding" to={"/requests" as never} search={{ ...calls, ...rangeOf(of) } as never}>
            all its requests
          </Link>
        </h2>
      </header>
      {drivers.length ? (
        <Table label="Because of what" columns={["What moved", ">By", ">Of all that moved"]}>
          {drivers.map((one) => (
            <tr key={groupName(one.group)}>
              <td style={{ width: "55%" }}>
                <Link
                  to={"/requests" as never}
                  search={{ ...scoped(calls, one.group), ...rangeOf(of) } as never}
                  className="go"
                >
                  {groupName(one.group)}
                </Link>
                <div
                  className="mover"
                  data-down={one.change.startsWith("-")}
                  style={{ width: `${(100 * Math.abs(approximate(one.change))) / most}%` }}
                />
              </td>
              <td className="r" title={exactly(one.change, unit)}>
                {one.change.startsWith("-") ? "" : "+"}
                {amount(one.change, unit)}
              </td>
              <td className="r">{one.share === null ? "—" : percent(approximate(one.share))}</td>
            </tr>
          ))}
        </Table>
      ) : (
        <p className="muted">Nothing stands out: it is spread over all of its calls.</p>
      )}
    </section>
  );
}
