/** What was asked for by a press on a button in; whether it is open, and the button that the focus returns to, out. */
import { useEffect, useRef, useState } from "react";

/** The button that was pressed is gone by now: another one in its place has the focus before anything opens. */
export function useOpening() {
  const target = useRef<HTMLButtonElement>(null);
  const [opened, setOpened] = useState(false);
  useEffect(() => {
    target.current?.focus();
    setOpened(true);
  }, []);
  return { target, opened, setOpened };
}
