/** A title and what a press does, if anything, in; a small button with an icon, out. */
import { ActionIcon } from "@mantine/core";
import type { ReactNode } from "react";

export function Go({ title, act, children }: { title: string; act: (() => void) | undefined; children: ReactNode }) {
  return (
    <ActionIcon variant="subtle" color="gray" size={28} aria-label={title} title={title} disabled={!act} onClick={act}>
      {children}
    </ActionIcon>
  );
}
