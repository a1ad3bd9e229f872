/** A press on "Menu" in; whether the list of pages is open where the page is narrow, and where the focus goes, out. */
import { type MouseEvent, useCallback, useEffect, useRef, useState } from "react";

export function useDrawer() {
  const nav = useRef<HTMLElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const [open, setOpen] = useState(false);
  const close = useCallback(() => setOpen(false), []);
  useEffect(() => {
    if (!open) return;
    (nav.current?.querySelector<HTMLElement>("[aria-current=page]") ?? nav.current?.querySelector("a"))?.focus();
    const pressed = (event: KeyboardEvent) => {
      if (event.key !== "Escape" || event.defaultPrevented || !nav.current?.contains(event.target as Node)) return;
      event.preventDefault();
      setOpen(false);
      button.current?.focus();
    };
    const elsewhere = ({ target }: Event) => {
      const own = [nav.current, button.current].some((one) => one?.contains(target as Node));
      // What is opened from the list, such as the account's menu, stands elsewhere in the page.
      if (!own && !(target as Element).closest("[role=menu]")) setOpen(false);
    };
    document.addEventListener("keydown", pressed);
    document.addEventListener("focusin", elsewhere);
    return () => {
      document.removeEventListener("keydown", pressed);
      document.removeEventListener("focusin", elsewhere);
    };
  }, [open]);
  /** A page was chosen; what else stands in the list, such as the theme, leaves it open. */
  const chosen = ({ target }: MouseEvent) => {
    if ((target as Element).closest("a")) setOpen(false);
  };
  return { nav, button, open, close, turn: () => setOpen((now) => !now), chosen };
}
