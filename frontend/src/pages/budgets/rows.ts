/** Filters as the API keeps them in; one row per value out; and back. */
import type { Search } from "../../url.ts";

export interface Row {
  name: string;
  value: string;
}

export function rowsOf(filters: Record<string, string | string[]>): Row[] {
  return Object.entries(filters).flatMap(([name, value]) => [value].flat().map((one) => ({ name, value: one })));
}

export function filtersOf(rows: readonly Row[]): Search {
  const found: Record<string, string[]> = {};
  for (const { name, value } of rows) if (name && value) found[name] = [...(found[name] ?? []), value];
  return found;
}
