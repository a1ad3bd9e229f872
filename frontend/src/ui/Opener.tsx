/** A button in; itself until it is first pressed, from then on what it opens, whose code is fetched by then, out. */
import { type ComponentProps, type ReactNode, Suspense, useState } from "react";

export type Pressed = Omit<ComponentProps<"button">, "type" | "onClick">;

interface OpenerProps {
  button: Pressed;
  /** Fetches the code, for when somebody is about to press. */
  fetch: () => unknown;
  /** The same button, with what it opens. */
  children: (button: Pressed) => ReactNode;
}

/** A page has dozens of these, and hardly any is ever opened. */
export function Opener({ button, fetch, children }: OpenerProps) {
  const [wanted, setWanted] = useState(false);
  const soon = () => void fetch();
  const closed = (
    <button
      aria-haspopup="menu"
      aria-expanded={false}
      onPointerEnter={soon}
      onFocus={soon}
      {...button}
      type="button"
      onClick={() => setWanted(true)}
    />
  );
  return wanted ? <Suspense fallback={closed}>{children(button)}</Suspense> : closed;
}
