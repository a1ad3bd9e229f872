/** For how long what is kept, and which keys keep what was said. */
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { asCurl } from "../../api/client.ts";
import { count } from "../../format.ts";
import { Panel } from "../../ui/Panel.tsx";
import { PlainTable } from "../../ui/PlainTable.tsx";
import { keys, retention } from "./questions.ts";

export function Retention() {
  const answer = useQuery(retention());
  const all = useQuery(keys());
  const keeping = all.data?.data.filter((one) => one.content && !one.revoked_at);
  return (
    <Panel
      title="Retention"
      finding="of the whole server; it is set where the server is started"
      query={answer}
      height={160}
      curl={asCurl("/api/v1/retention")}
    >
      {(data) => (
        <PlainTable label="Retention">
          <thead>
            <tr>
              <th scope="col">What</th>
              <th scope="col">Kept</th>
              <th scope="col">Set by</th>
            </tr>
          </thead>
          <tbody>
            <tr>
              <td>Spans, calls, tokens and costs</td>
              <td>for ever</td>
              <td>—</td>
            </tr>
            <tr>
              <td>
                Content: prompts, answers, arguments of tools
                <p className="muted" style={{ margin: 0 }}>
                  {keeping && (
                    <>
                      {keeping.length
                        ? `Kept for ${count(keeping.length)} ${keeping.length === 1 ? "key" : "keys"} of this project: ${keeping
                            .slice(0, SHOWN)
                            .map((one) => one.name)
                            .join(", ")}${keeping.length > SHOWN ? "…" : ""}. `
                        : "No key of this project keeps any. "}
                      <Link to={"/settings/keys" as never} style={{ textDecoration: "underline" }}>
                        Keys
                      </Link>
                    </>
                  )}
                </p>
              </td>
              <td className="num">{data.content_days === 1 ? "1 day" : `${count(data.content_days)} days`}</td>
              <td className="mono">FARTHING_CONTENT_DAYS</td>
            </tr>
          </tbody>
        </PlainTable>
      )}
    </Panel>
  );
}

const SHOWN = 5;
