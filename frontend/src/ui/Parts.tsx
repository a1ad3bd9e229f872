/** Parts of a page, one shown at a time; which one is the last piece of the address. */
import { Tabs } from "@mantine/core";
import type { ComponentType } from "react";
import { usePlace } from "../app/place.ts";

/** The name in the address, the title, and what is shown. */
export type Part = readonly [string, string, ComponentType];

export function Parts({ under, parts, chosen }: { under: string; parts: readonly Part[]; chosen: string }) {
  const { go } = usePlace();
  return (
    <Tabs miw={0} value={chosen} onChange={(name) => go(`${under}/${name}`)} keepMounted={false}>
      <Tabs.List mb="sm">
        {parts.map(([name, title]) => (
          <Tabs.Tab key={name} value={name}>
            {title}
          </Tabs.Tab>
        ))}
      </Tabs.List>
      {parts.map(([name, , Shown]) => (
        <Tabs.Panel key={name} value={name}>
          <Shown />
        </Tabs.Panel>
      ))}
    </Tabs>
  );
}
