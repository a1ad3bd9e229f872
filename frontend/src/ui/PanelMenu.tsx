/** A panel's title and question in; the menu of what can be taken along of it, out. */
import { Menu } from "@mantine/core";
import { useEffect, useState } from "react";
import { keep } from "../api/download.ts";
import { asPng, asSvg, isDrawn } from "../charts/picture.ts";
import type { Pressed } from "./Opener.tsx";
import { useOpening } from "./opening.ts";
import type { Entry } from "./Panel.tsx";

interface PanelMenuProps {
  button: Pressed;
  title: string;
  curl: string | undefined;
  more: readonly Entry[] | undefined;
}

export function PanelMenu({ button, title, curl, more }: PanelMenuProps) {
  const { target, opened, setOpened } = useOpening();
  const [drawn, setDrawn] = useState<Element | null>(null);
  useEffect(() => {
    const panel = target.current?.closest("section") ?? null;
    if (opened) setDrawn(panel && isDrawn(panel) ? panel : null);
  }, [opened, target]);
  const name = title
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-|-$/g, "");
  const svg = (panel: Element) => keep(new Blob([asSvg(panel, title).text], { type: "image/svg+xml" }), `${name}.svg`);
  const png = (panel: Element) => void asPng(panel, title).then((made) => keep(made, `${name}.png`));
  return (
    <Menu position="bottom-end" withinPortal opened={opened} onChange={setOpened}>
      <Menu.Target>
        <button ref={target} type="button" {...button} />
      </Menu.Target>
      <Menu.Dropdown>
        {curl && <Menu.Item onClick={() => void navigator.clipboard.writeText(curl)}>Copy as curl</Menu.Item>}
        <Menu.Item onClick={() => void navigator.clipboard.writeText(window.location.href)}>Copy link</Menu.Item>
        {drawn && <Menu.Item onClick={() => png(drawn)}>Save as PNG</Menu.Item>}
        {drawn && <Menu.Item onClick={() => svg(drawn)}>Save as SVG</Menu.Item>}
        {(more ?? []).map((entry) => (
          <Menu.Item key={entry.label} onClick={entry.run}>
            {entry.label}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
