/** A config's slug in; its variants, what each does now, and where one is added, out. */
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { asCurl, send } from "../../api/client.ts";
import { count, moment } from "../../format.ts";
import { Failure, Panel } from "../../ui/Panel.tsx";
import { zoneOf } from "../../url.ts";
import { useDoing } from "../../ui/doing.ts";
import { BLANK } from "./draft.ts";
import { variant, variantList, variants } from "./questions.ts";
import { Actions, Add, Table } from "../../ui/Table.tsx";
import { VersionForm } from "./VersionForm.tsx";
import { targetsInWords } from "./words.ts";

export function Config({ slug }: { slug: string }) {
  const answer = useQuery(variantList(slug));
  const [adding, setAdding] = useState(false);
  const doing = useDoing();
  const zone = zoneOf({});
  return (
    <>
      <p className="crumbs">
        <Link to={"/gateway/configs" as never}>Configs</Link> / {slug}
      </p>
      <Panel
        title={`Variants of ${slug}`}
        finding="each is one way to answer it"
        query={answer}
        height={160}
        curl={asCurl(variants(slug))}
        actions={<Add title="Add a variant" act={() => setAdding(true)} />}
      >
        {(data) =>
          data.data.length ? (
            <>
              {doing.error && <Failure error={doing.error} />}
              <Table label="Variants" columns={["Variant", "Name", "Asks", ">Version", "Note", "Since", ""]}>
                {data.data.map((one) => (
                  <tr key={one.id}>
                    <td className="named">
                      <Link to={`/gateway/configs/${slug}/${one.slug}` as never}>{one.slug}</Link>
                    </td>
                    <td className="named">{one.name || "—"}</td>
                    <td>{one.latest ? targetsInWords(one.latest) : "—"}</td>
                    <td className="r">{count(one.latest?.version)}</td>
                    <td className="named">{one.latest?.note || "—"}</td>
                    <td className="num">{one.latest ? moment(one.latest.created_at, zone, false) : "—"}</td>
                    <td>
                      <Actions of={one.slug} doing={doing} remove={() => send("DELETE", variant(slug, one.slug))} />
                    </td>
                  </tr>
                ))}
              </Table>
            </>
          ) : (
            <p className="empty">No variant yet: nothing answers this config.</p>
          )
        }
      </Panel>
      {adding && <VersionForm path={variants(slug)} of={BLANK} isNew close={() => setAdding(false)} />}
    </>
  );
}
