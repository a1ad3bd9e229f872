/** A way to ask for pages by cursor in; rows by their place in the list out, of which at most so many are held at once. */

export interface PageOf<T> {
  data: T[];
  next_cursor: string | null;
}

export type Ask<T> = (cursor: string | null, signal: AbortSignal) => Promise<PageOf<T>>;

export const PAGE_ROWS = 100;
export const MOST_PAGES = 50;
/** So many rows before they are looked at, a page is asked for. */
const EARLY = 30;

/**
 * The list grows as it is walked. Pages far from what is looked at are let go and asked for again by their cursor, which
 * is kept; so memory stays bound however long the list is.
 */
export class Pages<T> {
  private readonly held = new Map<number, T[]>();
  private readonly cursors: (string | null)[] = [null];
  private readonly asking = new Map<number, AbortController>();
  private readonly listeners = new Set<() => void>();
  private seen: [number, number] = [0, 0];
  /** How many rows are known to be there. */
  count = 0;
  /** Whether there are no more than `count`. */
  ended = false;
  /** Whether the first page has come. */
  ready = false;
  error: Error | null = null;
  version = 0;

  constructor(
    private readonly ask: Ask<T>,
    private readonly size = PAGE_ROWS,
    private readonly most = MOST_PAGES,
  ) {}

  subscribe = (told: () => void): (() => void) => {
    this.listeners.add(told);
    return () => void this.listeners.delete(told);
  };

  snapshot = (): number => this.version;

  row(place: number): T | undefined {
    return this.held.get(Math.floor(place / this.size))?.[place % this.size];
  }

  get loaded(): number {
    let sum = 0;
    for (const page of this.held.values()) sum += page.length;
    return sum;
  }

  /** The place of the first held row that fits, or -1. */
  find(fits: (row: T) => boolean): number {
    for (const [page, rows] of this.held) {
      const at = rows.findIndex(fits);
      if (at >= 0) return page * this.size + at;
    }
    return -1;
  }

  /** Rows from `first` to `last` are looked at. */
  look(first: number, last: number): void {
    this.seen = [first, last];
    const from = Math.max(0, Math.floor((first - EARLY) / this.size));
    const to = Math.min(this.cursors.length - 1, Math.floor((last + EARLY) / this.size));
    for (let page = from; page <= to; page++) void this.load(page);
  }

  retry(): void {
    this.error = null;
    this.told();
    this.look(...this.seen);
  }

  stop(): void {
    for (const one of this.asking.values()) one.abort();
    this.asking.clear();
  }

  private async load(page: number): Promise<void> {
    const cursor = this.cursors[page];
    if (cursor === undefined || this.error || this.held.has(page) || this.asking.has(page)) return;
    const abort = new AbortController();
    this.asking.set(page, abort);
    try {
      const answer = await this.ask(cursor, abort.signal);
      if (abort.signal.aborted) return;
      this.keep(page, answer);
    } catch (error) {
      if (abort.signal.aborted) return;
      this.error = error instanceof Error ? error : new Error(String(error));
    } finally {
      if (this.asking.get(page) === abort) this.asking.delete(page);
    }
    this.told();
    // What was scrolled to meanwhile may need the page after this one.
    if (!this.error) this.look(...this.seen);
  }

  private keep(page: number, answer: PageOf<T>): void {
    this.ready = true;
    this.held.set(page, answer.data);
    if (page === this.cursors.length - 1) {
      this.count = page * this.size + answer.data.length;
      if (answer.next_cursor) this.cursors.push(answer.next_cursor);
      else this.ended = true;
    }
    const middle = (this.seen[0] + this.seen[1]) / 2 / this.size;
    // The first page stays: what has come in since would be in it, were it asked for again.
    const far = [...this.held.keys()]
      .filter((one) => one > 0)
      .sort((a, b) => Math.abs(b - middle) - Math.abs(a - middle));
    for (const one of far.slice(0, Math.max(0, this.held.size - this.most))) this.held.delete(one);
  }

  private told(): void {
    this.version++;
    for (const listener of this.listeners) listener();
  }
}
