/** A title and what a press does, if anything, in; a small button with an icon, out. */
import type { ReactNode } from "react";

export function Go({ title, act, children }: { title: string; act: (() => void) | undefined; children: ReactNode }) {
  return (
    <button type="button" className="icon-button" aria-label={title} title={title} disabled={!act} onClick={act}>
      {children}
    </button>
  );
}
