/** Ctrl K before the command palette's code is there in; whether it was pressed, out. The palette itself hears all later ones. */
import { useEffect, useState } from "react";

export function useCalled(isThere: boolean): boolean {
  const [called, setCalled] = useState(false);
  useEffect(() => {
    if (isThere) return;
    const listen = (event: KeyboardEvent) => {
      if (event.key.toLowerCase() !== "k" || !(event.ctrlKey || event.metaKey) || event.shiftKey || event.altKey)
        return;
      event.preventDefault();
      setCalled(true);
    };
    window.addEventListener("keydown", listen);
    return () => window.removeEventListener("keydown", listen);
  }, [isThere]);
  return called;
}
