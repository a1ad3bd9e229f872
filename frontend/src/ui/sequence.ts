/** Keys as they are pressed in; whether one is the second half of a page's address, out. */

const SEQUENCE_MS = 1000;
let began = -Infinity;
let told = { at: -1, second: false };

/**
 * `g` begins the address of a page: what follows it within a second is no key of what is looked at.
 * Several may ask about one press, before and after it bubbles: all are told the same.
 */
export function inSequence({ key, timeStamp }: { key: string; timeStamp: number }): boolean {
  if (told.at === timeStamp) return told.second;
  const second = timeStamp - began < SEQUENCE_MS;
  began = !second && key === "g" ? timeStamp : -Infinity;
  told = { at: timeStamp, second };
  return second;
}
