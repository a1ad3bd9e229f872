/** All configs: names under which applications ask, whatever answers them. */
import { Group } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { asCurl, send } from "../../api/client.ts";
import { count, moment } from "../../format.ts";
import { Failure, Panel } from "../../ui/Panel.tsx";
import { Find, useWords } from "../../ui/Find.tsx";
import { zoneOf } from "../../url.ts";
import { useDoing } from "../../ui/doing.ts";
import { NameForm } from "./NameForm.tsx";
import { type Config, configList, CONFIGS } from "./questions.ts";
import { Actions, Add, Table } from "../../ui/Table.tsx";

export function Configs() {
  const answer = useQuery(configList());
  const [form, setForm] = useState<Config | "new" | null>(null);
  const doing = useDoing();
  const words = useWords();
  const zone = zoneOf({});
  return (
    <>
      <Panel
        title="Configs"
        finding="an application names one in the header x-farthing-config"
        query={answer}
        height={160}
        curl={asCurl(CONFIGS)}
        actions={
          <Group gap={8}>
            <Find what="configs" />
            <Add title="Add a config" act={() => setForm("new")} />
          </Group>
        }
      >
        {(data) =>
          data.data.length ? (
            <>
              {doing.error && <Failure error={doing.error} />}
              <Table label="Configs" columns={["Config", "Name", "Since", "Calls", ""]}>
                {found(data.data, words).map((one) => (
                  <tr key={one.id}>
                    <td className="named">
                      <Link to={`/gateway/configs/${one.slug}` as never}>{one.slug}</Link>
                    </td>
                    <td className="named">{one.name || "—"}</td>
                    <td className="num">{moment(one.created_at, zone, false)}</td>
                    <td>
                      <Link to={"/costs" as never} search={{ config: one.slug, by: "variant" } as never}>
                        What its variants cost
                      </Link>
                    </td>
                    <td>
                      <Actions
                        of={one.slug}
                        doing={doing}
                        edit={() => setForm(one)}
                        remove={() => send("DELETE", `${CONFIGS}/${one.slug}`)}
                      />
                    </td>
                  </tr>
                ))}
              </Table>
              {words && (
                <p className="empty">{`Those with “${words}” in their slug or name, of ${count(data.data.length)}.`}</p>
              )}
            </>
          ) : (
            <p className="empty">
              None yet. With a config, model, prompt and parameters change without a release: its variants hold them,
              and rollouts say who gets which.
            </p>
          )
        }
      </Panel>
      {form && (
        <NameForm kind="config" path={CONFIGS} of={form === "new" ? undefined : form} close={() => setForm(null)} />
      )}
    </>
  );
}

function found(all: readonly Config[], words: string): readonly Config[] {
  const said = words.toLowerCase();
  return all.filter((one) => one.slug.includes(said) || one.name.toLowerCase().includes(said));
}
