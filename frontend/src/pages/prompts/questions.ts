/** What the pages about prompts ask, and how a prompt is written in an address. */
import { infiniteQueryOptions } from "@tanstack/react-query";
import { chosenProject, get, type Schemas } from "../../api/client.ts";
import { question } from "../../api/questions.ts";
import type { Search } from "../../url.ts";

export type Listed = Schemas["PromptInList"];
export type Measured = Schemas["MeasuredPrompt"];
export type Version = Schemas["MeasuredVersion"];

export const PATH = "/api/v1/prompts";
const PAGE = "100";

export function prompts(words: string) {
  return infiniteQueryOptions({
    queryKey: [chosenProject(), PATH, words],
    queryFn: ({ signal, pageParam }) =>
      get<Schemas["PromptList"]>(
        PATH,
        { limit: PAGE, ...(words ? { q: words } : {}), ...(pageParam ? { cursor: pageParam } : {}) },
        signal,
      ),
    initialPageParam: "",
    getNextPageParam: (page) => page.next_cursor,
    placeholderData: (before) => before,
  });
}

export function prompt(name: string, range: Search) {
  return question<Measured>(addressOf(name), range);
}

export function history(name: string) {
  return question<Schemas["ChangeList"]>("/api/v1/prompt-history", { name, limit: "30" });
}

export function addressOf(name: string): string {
  return `${PATH}/${encoded(name)}`;
}

/** The page of a prompt. */
export function hrefOf(name: string): string {
  return `/prompts/of/${encoded(name)}`;
}

function encoded(name: string): string {
  return name.split("/").map(encodeURIComponent).join("/");
}

/** The whole of a version as text: what is compared and shown. */
export function asText(of: Version): string {
  if (typeof of.prompt === "string") return of.prompt;
  return of.prompt
    .map((message) =>
      message.type === "placeholder"
        ? `{{ ${String(message.name)} }}`
        : `${String(message.role)}:\n${String(message.content)}`,
    )
    .join("\n\n");
}

/** What an application keeps beside it, if anything. */
export function configText(of: Version): string {
  const empty = of.config === null || JSON.stringify(of.config) === "{}";
  return empty ? "" : JSON.stringify(of.config, null, 2);
}
