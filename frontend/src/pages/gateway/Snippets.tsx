/** A model and a config in; how an application asks for them, per language, ready to copy, out. */
import { Code, CopyButton, Group, Tabs } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { PREFIX } from "../../prefix.ts";
import { RowButton } from "../../ui/RowButton.tsx";
import { snippets } from "./snippets.ts";

export function Snippets({ model, config }: { model: string; config: string }) {
  const all = snippets({ base: window.location.origin + PREFIX, model, config });
  return (
    <section className="panel" aria-label="In an application">
      <header>
        <h2>
          In an application <span className="finding">only the base URL and the key change</span>
        </h2>
        <Link className="go" to={"/settings/keys" as never}>
          Make a key that may use the gateway
        </Link>
      </header>
      <Tabs defaultValue={all[0]?.id ?? ""}>
        <Tabs.List>
          {all.map((one) => (
            <Tabs.Tab key={one.id} value={one.id}>
              {one.name}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        {all.map((one) => (
          <Tabs.Panel key={one.id} value={one.id} pt="xs">
            <Group align="start" wrap="nowrap">
              <Code block style={{ flex: 1, overflowX: "auto" }} tabIndex={0} aria-label={`Snippet for ${one.name}`}>
                {one.text}
              </Code>
              <CopyButton value={one.text}>
                {({ copied, copy }) => (
                  <RowButton variant="default" onClick={copy}>
                    {copied ? "Copied" : "Copy"}
                  </RowButton>
                )}
              </CopyButton>
            </Group>
          </Tabs.Panel>
        ))}
      </Tabs>
    </section>
  );
}
