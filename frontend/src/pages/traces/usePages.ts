/** A list's address in; its rows, the first page always fresh and the rest as they were read, out. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useMemo, useState } from "react";
import { question } from "../../api/questions.ts";
import type { Search } from "../../url.ts";

export interface Page<Row> {
  data: Row[];
  next_cursor: string | null;
}

interface Held<Row> {
  key: string;
  rows: Row[];
  cursor: string | null;
}

export interface Listed<Row> {
  path: string;
  parameters: Search;
  idOf: (row: Row) => string;
  /** Where the page is in the answer, if it isn't the answer itself. */
  pageOf?: (answer: unknown) => Page<Row>;
}

const itself = (answer: unknown) => answer as never;

export function usePages<Row>({ path, parameters, idOf, pageOf = itself }: Listed<Row>) {
  const queries = useQueryClient();
  const key = JSON.stringify([path, parameters]);
  const query = useQuery(question<unknown>(path, parameters));
  const [held, setHeld] = useState<Held<Row> | null>(null);
  const [reading, setReading] = useState(false);
  const [error, setError] = useState<Error | null>(null);
  const answer = query.isPlaceholderData ? undefined : query.data;
  const fresh = useMemo(() => (answer === undefined ? undefined : pageOf(answer)), [answer, pageOf]);
  const take = useCallback(
    (page: Page<Row>) =>
      setHeld((now) => {
        if (now?.key !== key) return { key, rows: page.data, cursor: page.next_cursor };
        const ids = new Set(page.data.map(idOf));
        const rest = now.rows.filter((row) => !ids.has(idOf(row)));
        const deeper = now.rows.length > page.data.length;
        return { key, rows: [...page.data, ...rest], cursor: deeper ? now.cursor : page.next_cursor };
      }),
    [key, idOf],
  );
  const known = held?.key === key ? new Set(held.rows.map(idOf)) : null;
  const waiting = known && fresh ? fresh.data.filter((row) => !known.has(idOf(row))).length : 0;
  useEffect(() => {
    // Rows never move under the eye of who has scrolled down.
    if (fresh && (!known || !waiting || window.scrollY < 40)) take(fresh);
  }, [fresh, take]);
  const more = useCallback(() => {
    const cursor = held?.cursor;
    if (!cursor || reading) return;
    setReading(true);
    setError(null);
    queries
      .fetchQuery(question<unknown>(path, { ...parameters, cursor }))
      .then(pageOf)
      .then((page) =>
        setHeld((now) => {
          if (now?.key !== key || now.cursor !== cursor) return now;
          const ids = new Set(now.rows.map(idOf));
          return {
            key,
            rows: [...now.rows, ...page.data.filter((row) => !ids.has(idOf(row)))],
            cursor: page.next_cursor,
          };
        }),
      )
      .catch((problem: Error) => setError(problem))
      .finally(() => setReading(false));
  }, [held?.cursor, reading, queries, path, key, idOf, pageOf, parameters]);
  const rows = held?.rows;
  return {
    rows,
    busy: query.isPending || query.isPlaceholderData,
    error: error ?? (rows ? null : query.error),
    retry: error ? more : () => void query.refetch(),
    waiting,
    insert: () => {
      window.scrollTo({ top: 0 });
      if (fresh) take(fresh);
    },
    more: held?.key === key && held.cursor ? more : null,
    reading,
  };
}
