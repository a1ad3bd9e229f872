/** A change of something the server keeps in; that it is under way, that it failed, and all asked again when it is done, out. */
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

export interface Doing {
  busy: boolean;
  error: Error | null;
  run: (change: () => Promise<unknown>, then?: () => void) => void;
  /** Done at the second press. */
  twice: (name: string, change: () => Promise<unknown>, then?: () => void) => void;
  /** What waits for its second press. */
  sure: string;
}

export function useDoing(): Doing {
  const queries = useQueryClient();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<Error | null>(null);
  const [sure, setSure] = useState("");
  const run: Doing["run"] = (change, then) => {
    setBusy(true);
    setError(null);
    setSure("");
    change()
      .then(() => queries.invalidateQueries())
      .then(() => then?.())
      .catch((failed: unknown) => setError(failed as Error))
      .finally(() => setBusy(false));
  };
  const twice: Doing["twice"] = (name, change, then) => (sure === name ? run(change, then) : setSure(name));
  return { busy, error, run, twice, sure };
}
