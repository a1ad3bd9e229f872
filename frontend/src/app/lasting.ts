/** A way to fetch a part of the UI in; the same, asked again until the server answers, out. What isn't needed must take nothing else down. */

const AGAIN_MS = 3000;

export function lasting<Loaded>(load: () => Promise<Loaded>, pauseMs = AGAIN_MS): () => Promise<Loaded> {
  const attempt = (): Promise<Loaded> =>
    load().catch(() => new Promise<void>((done) => setTimeout(done, pauseMs)).then(attempt));
  return attempt;
}
