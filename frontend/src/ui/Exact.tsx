/** A number as it is written and its exact value in; the one, with the other while it is pointed at or focused, out. */
import { type ReactNode, useEffect, useId, useState } from "react";

interface ExactProps {
  exact: string;
  children: ReactNode;
}

export function Exact({ exact, children }: ExactProps) {
  const [shown, setShown] = useState(false);
  const id = useId();
  useEffect(() => {
    if (!shown) return;
    const dismiss = (event: KeyboardEvent) => event.key === "Escape" && setShown(false);
    window.addEventListener("keydown", dismiss);
    return () => window.removeEventListener("keydown", dismiss);
  }, [shown]);
  const show = () => setShown(true);
  const hide = () => setShown(false);
  return (
    <span className="exact" onMouseEnter={show} onMouseLeave={hide}>
      <span
        className="value"
        tabIndex={0}
        data-exact={exact}
        aria-describedby={shown ? id : undefined}
        onFocus={show}
        onBlur={hide}
      >
        {children}
      </span>
      {shown && (
        <span role="tooltip" id={id} className="exactly">
          {exact}
        </span>
      )}
    </span>
  );
}
