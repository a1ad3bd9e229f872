/** The names of rules there are in; what many want besides, as cards: made with one click, or changed first, out. */
import { Group } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { send } from "../../api/client.ts";
import { usePlace } from "../../app/place.ts";
import { Failure, Panel } from "../../ui/Panel.tsx";
import { RowButton } from "../../ui/RowButton.tsx";
import { useDoing } from "../../ui/doing.ts";
import { draftOf, wanted } from "./draft.ts";
import { type Preset, presetList, RULES } from "./questions.ts";

export function Presets({ held }: { held: readonly string[] }) {
  const answer = useQuery(presetList());
  const doing = useDoing();
  const { go } = usePlace();
  const make = (of: Preset) => doing.run(() => send("POST", RULES, {}, wanted(draftOf(of.rule))));
  return (
    <Panel title="What many want" finding="one click makes it" query={answer} height={260}>
      {(data) => (
        <>
          {doing.error && <Failure error={doing.error} />}
          <div className="cards">
            {data.data.map((one) => (
              <article className="card" key={one.name} aria-label={one.name}>
                <h3>{one.name}</h3>
                <p>{one.about}</p>
                {held.includes(one.name) ? (
                  <span className="muted">✓ there is one</span>
                ) : (
                  <Group gap={6}>
                    <RowButton
                      variant="filled"
                      disabled={doing.busy}
                      aria-label={`Make it: ${one.name}`}
                      onClick={() => make(one)}
                    >
                      Make it
                    </RowButton>
                    <RowButton
                      aria-label={`Change it first: ${one.name}`}
                      onClick={() => go("/alerts/rules/new", { preset: one.name })}
                    >
                      Change it first
                    </RowButton>
                  </Group>
                )}
              </article>
            ))}
          </div>
        </>
      )}
    </Panel>
  );
}
