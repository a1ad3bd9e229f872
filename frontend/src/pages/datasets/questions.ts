/** What the pages about datasets ask and send. */
import { infiniteQueryOptions } from "@tanstack/react-query";
import { chosenProject, get, type Schemas, send } from "../../api/client.ts";
import { question } from "../../api/questions.ts";
import type { Search } from "../../url.ts";

export type Dataset = Schemas["DatasetShown"];
export type Item = Schemas["ItemShown"];
export type Detail = Schemas["ItemDetail"];
export type Put = Schemas["ItemsPut"];

export const PATH = "/api/v1/datasets";
const PAGE = "50";

export function datasets() {
  return question<Schemas["DatasetList"]>(PATH, { limit: "1000" });
}

export function dataset(id: string) {
  return question<Dataset>(`${PATH}/${encodeURIComponent(id)}`);
}

export function runs(id: string) {
  return question<Schemas["RunList"]>(`${PATH}/${encodeURIComponent(id)}/runs`);
}

export function item(id: string, itemId: string) {
  return question<Detail>(`${itemsPath(id)}/${itemId.split("/").map(encodeURIComponent).join("/")}`);
}

export function itemsPath(id: string): string {
  return `${PATH}/${encodeURIComponent(id)}/items`;
}

export function items(id: string, asked: Search) {
  return infiniteQueryOptions({
    queryKey: [chosenProject(), itemsPath(id), asked],
    queryFn: ({ signal, pageParam }) =>
      get<Schemas["ItemList"]>(
        itemsPath(id),
        { ...asked, limit: PAGE, ...(pageParam ? { cursor: pageParam } : {}) },
        signal,
      ),
    initialPageParam: "",
    getNextPageParam: (page) => page.next_cursor,
    placeholderData: (before) => before,
  });
}

const KINDS: Record<string, string> = {
  csv: "text/csv",
  json: "application/json",
  jsonl: "application/x-ndjson",
  ndjson: "application/x-ndjson",
};

/** How a file of that name is read; undefined: not at all. */
export function kindOf(name: string): string | undefined {
  return KINDS[name.slice(name.lastIndexOf(".") + 1).toLowerCase()];
}

/** All of a file's items or none; a dry run only tells what would become of them. */
export function put(id: string, file: File, isDry: boolean): Promise<Put> {
  const body = new Blob([file], { type: kindOf(file.name) ?? "application/x-ndjson" });
  return send<Put>("POST", itemsPath(id), isDry ? { dry_run: "true" } : {}, body);
}

/** As it is, but archived or active again: a new version of it. */
export function putStatus(id: string, of: Item, status: "ACTIVE" | "ARCHIVED"): Promise<Put> {
  const { input, expected_output, metadata, source_trace_id, source_observation_id } = of;
  const kept = { id: of.id, input, expected_output, metadata, source_trace_id, source_observation_id, status };
  return send<Put>("POST", itemsPath(id), {}, { items: [kept] });
}
