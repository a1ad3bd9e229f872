/** Addresses in; their answers, asked for before anybody wants them and handed out once, out. */

/** Later than this an answer is no longer news. */
const FRESH_MS = 30_000;

export const HEADERS = { Accept: "application/json", "X-Farthing-UI": "1" };

const waiting = new Map<string, { answer: Promise<Response>; asked: number }>();

export function askEarly(url: string): void {
  const answer = fetch(url, { headers: HEADERS, credentials: "same-origin" });
  // Whoever claims it sees that it failed; nobody may.
  answer.catch(() => undefined);
  waiting.set(url, { answer, asked: performance.now() });
}

export function claim(url: string): Promise<Response> | undefined {
  const found = waiting.get(url);
  waiting.delete(url);
  return found && performance.now() - found.asked < FRESH_MS ? found.answer : undefined;
}
