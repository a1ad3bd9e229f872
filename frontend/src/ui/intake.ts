/** Counters of refused requests, then and now, in; how many senders were told to come again in between, out. */

export interface Refused {
  what: string;
  reason: string;
  count: number;
}

/** The codes of 429 and 503: what was sent is wanted, only not now. */
const LATER = new Set(["too_many", "busy"]);

function later(refused: readonly Refused[]): number {
  return refused
    .filter((one) => one.what === "requests" && LATER.has(one.reason))
    .reduce((sum, one) => sum + one.count, 0);
}

/** A server that was started anew counts from zero. */
export function throttled(before: readonly Refused[], now: readonly Refused[]): number {
  const [then, since] = [later(before), later(now)];
  return since < then ? since : since - then;
}
