/** Keys in; what they do, out. One list, which the help shows too. Single letters are off while typing. */
import { useMantineColorScheme } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { carried, withoutFilters } from "../url.ts";
import { NAV } from "./nav.ts";
import { usePlace } from "./place.ts";

export const KEYS: readonly (readonly [string, string])[] = [
  ["?", "This help"],
  ["Ctrl K", "Command palette"],
  ["f", "Add a filter"],
  ["x", "Clear filters"],
  ["t", "Time range"],
  ["c", "Comparison on or off"],
  ["l", "Live on or off"],
  ["d", "Theme"],
  ["r", "Refresh"],
  ["[", "Sidebar"],
  ...NAV.flatMap((part) => part.entries.map((entry) => [`g ${entry.key}`, entry.title] as const)),
];

const SEQUENCE_MS = 1000;

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))
  );
}

function press(selector: string): void {
  document.querySelector<HTMLElement>(selector)?.click();
}

export function useShortcuts(own: { narrow: () => void; live: () => void; help: () => void }): void {
  const { search, change, go } = usePlace();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const queries = useQueryClient();
  useEffect(() => {
    if (localStorage.getItem("farthing.keys") === "off") return;
    let began = 0;
    const actions: Record<string, () => void> = {
      f: () => press("[data-add-filter]"),
      t: () => press("[data-range]"),
      x: () => change(withoutFilters),
      c: () => change(({ cmp, ...rest }) => (cmp ? rest : { ...rest, cmp: "prev" })),
      d: () => setColorScheme(colorScheme === "dark" ? "light" : "dark"),
      r: () => void queries.invalidateQueries({ refetchType: "active" }),
      l: own.live,
      "?": own.help,
      "[": own.narrow,
    };
    const listen = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
      const now = Date.now();
      if (now - began < SEQUENCE_MS) {
        began = 0;
        const entry = NAV.flatMap((part) => part.entries).find((one) => one.key === event.key);
        if (entry) go(entry.path, carried(search));
        return;
      }
      if (event.key === "g") began = now;
      else if (actions[event.key]) {
        event.preventDefault();
        actions[event.key]?.();
      }
    };
    window.addEventListener("keydown", listen);
    return () => window.removeEventListener("keydown", listen);
  });
}
