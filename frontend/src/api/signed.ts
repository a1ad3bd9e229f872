/** Answers of the API in; whether the session has ended meanwhile, for whoever wants to say so, out. */

let ended = false;
const told = new Set<() => void>();

/** What an answer says of it: 401 that nobody is signed in any more, success that somebody is; all else nothing. */
export function heed(answer: { ok: boolean; status: number }): void {
  if (!answer.ok && answer.status !== 401) return;
  if (ended === !answer.ok) return;
  ended = !answer.ok;
  for (const tell of told) tell();
}

export function hasEnded(): boolean {
  return ended;
}

/** Calls whenever that changes, until what is returned is called. */
export function subscribe(tell: () => void): () => void {
  told.add(tell);
  return () => told.delete(tell);
}
