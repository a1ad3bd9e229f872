/** Where to send telemetry and with which key; turns green when the first call lands. */
import { Button, Code, CopyButton, Group, Tabs } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { calls } from "../../api/questions.ts";
import { type Schemas, send } from "../../api/client.ts";
import { PREFIX } from "../../prefix.ts";
import { cellMoney, count } from "../../format.ts";
import { Failure } from "../../ui/Panel.tsx";
import { RowButton } from "../../ui/RowButton.tsx";
import { snippets } from "./snippets.ts";

const PLACEHOLDER = "fk_…";
const LOOK_EVERY_MS = 2000;

export function Connect() {
  const [key, setKey] = useState<string | null>(null);
  const [error, setError] = useState<Error | null>(null);
  const endpoint = window.location.origin + PREFIX;
  const make = async () => {
    try {
      const made = await send<Schemas["KeyCreated"]>(
        "POST",
        "/api/v1/keys",
        {},
        { name: "my-app", scopes: ["ingest"] },
      );
      setKey(made.secret);
      setError(null);
    } catch (failed) {
      setError(failed as Error);
    }
  };
  return (
    <section className="panel" aria-label="Connect an application">
      <header>
        <h2>Connect an application</h2>
      </header>
      <Received />
      <h3>1. A key</h3>
      {key ? (
        <p>
          <Code>{key}</Code> <Copy text={key} /> It is shown here once.
        </p>
      ) : (
        <p>
          <Button size="xs" onClick={() => void make()}>
            Make a key
          </Button>{" "}
          or use the one that was printed at the first start.
        </p>
      )}
      {error && <Failure error={error} />}
      <h3>2. Point the application here</h3>
      <p>
        Endpoint <Code>{endpoint}</Code> <Copy text={endpoint} />
      </p>
      <Tabs defaultValue="python">
        <Tabs.List>
          {snippets(endpoint, "").map((one) => (
            <Tabs.Tab key={one.id} value={one.id}>
              {one.name}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        {snippets(endpoint, key ?? PLACEHOLDER).map((one) => (
          <Tabs.Panel key={one.id} value={one.id} pt="xs">
            <Group align="start" wrap="nowrap">
              <Code block style={{ flex: 1, overflowX: "auto" }} tabIndex={0} aria-label={`Snippet for ${one.name}`}>
                {one.text}
              </Code>
              <Copy text={one.text} />
            </Group>
          </Tabs.Panel>
        ))}
      </Tabs>
      <p className="muted">Message content is not kept unless you ask for it.</p>
    </section>
  );
}

function Copy({ text }: { text: string }) {
  return (
    <CopyButton value={text}>
      {({ copied, copy }) => (
        <RowButton variant="default" onClick={copy}>
          {copied ? "Copied" : "Copy"}
        </RowButton>
      )}
    </CopyButton>
  );
}

/** Waits for the first call, and says so when it is there. */
function Received() {
  const answer = useQuery({
    ...calls({ from: "now-90d", limit: "1" }),
    refetchInterval: (query) => (query.state.data?.data.length ? false : LOOK_EVERY_MS),
  });
  const first = answer.data?.data[0];
  return (
    <div className={first ? "notice ok" : "notice wait"} role="status" data-received={first ? "yes" : "no"}>
      {first ? (
        <>
          First request received ✓ {first.response_model ?? first.request_model ?? "a call"},{" "}
          {count(first.input_tokens)} tokens in, {count(first.output_tokens)} out,{" "}
          {first.cost_usd === null ? first.cost_status : cellMoney(first.cost_usd)}.{" "}
          <Link to={"/" as never}>See the overview</Link>
        </>
      ) : (
        "Waiting for the first request…"
      )}
    </div>
  );
}
