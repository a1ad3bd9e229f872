/** What can wait in; done once the browser and the page have nothing better to do. */

const AGAIN_MS = 250;
const LONGEST_BUSY_MS = 4000;

/** Not before `first` ms have passed, and not while the page `isBusy`; what comes back takes it back. */
export function whenIdle(first: number, act: () => void, isBusy = () => false): () => void {
  // Safari has no idle callbacks.
  const idle = window.requestIdleCallback as typeof window.requestIdleCallback | undefined;
  const last = performance.now() + first + LONGEST_BUSY_MS;
  let asked = 0;
  const look = () => {
    if (isBusy() && performance.now() < last) due = setTimeout(look, AGAIN_MS);
    else if (idle) asked = idle(act, { timeout: LONGEST_BUSY_MS });
    else act();
  };
  let due = setTimeout(look, first);
  return () => {
    clearTimeout(due);
    if (asked) window.cancelIdleCallback(asked);
  };
}
