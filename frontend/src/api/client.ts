/** A path of the API and its parameters in; the answer, or a `Problem` that says what to do, out. */
import { PREFIX } from "../prefix.ts";
import { type Search, stringifySearch } from "../url.ts";
import { claim, HEADERS } from "./early.ts";
import type { components } from "./schema";
import { heed } from "./signed.ts";

export type Schemas = components["schemas"];

/** An error of the API, as RFC 9457 tells it, or of the way to it. */
export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly title: string,
    message: string,
    readonly code = "",
    readonly requestId = "",
  ) {
    super(message);
    this.name = "Problem";
  }
}

let project = "";

/** Which project all further questions are about. */
export function chooseProject(id: string): void {
  project = id;
}

export function chosenProject(): string {
  return project;
}

export function address(path: string, parameters: Search = {}): string {
  return `${PREFIX}${path}${stringifySearch(parameters)}`;
}

/** The same question for a terminal. */
export function asCurl(path: string, parameters: Search = {}): string {
  const url = new URL(address(path, parameters), document.baseURI);
  return `curl -H "Authorization: Bearer $FARTHING_KEY" '${url.href.replaceAll("'", "%27")}'`;
}

export async function get<Answer>(path: string, parameters: Search = {}, signal?: AbortSignal): Promise<Answer> {
  return send<Answer>("GET", path, parameters, undefined, signal);
}

export async function send<Answer>(
  method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE",
  path: string,
  parameters: Search = {},
  body?: unknown,
  signal?: AbortSignal,
): Promise<Answer> {
  const headers: Record<string, string> = { ...HEADERS };
  if (project) headers["X-Farthing-Project"] = project;
  const isFile = body instanceof Blob;
  if (body !== undefined) headers["Content-Type"] = isFile ? body.type : "application/json";
  let answer: Response;
  const url = address(path, parameters);
  try {
    const early = method === "GET" && !project ? claim(url) : undefined;
    answer = await (early ??
      fetch(url, {
        method,
        headers,
        credentials: "same-origin",
        ...(body === undefined ? {} : { body: isFile ? body : JSON.stringify(body) }),
        ...(signal ? { signal } : {}),
      }));
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new Problem(0, "No answer", "The server can't be reached. It is asked again as soon as it answers.");
  }
  heed(answer);
  if (!answer.ok) throw await problem(answer);
  return (answer.status === 204 ? undefined : await answer.json()) as Answer;
}

async function problem(answer: Response): Promise<Problem> {
  const id = answer.headers.get("x-request-id") ?? "";
  try {
    const told = (await answer.json()) as { title?: string; detail?: string; code?: string };
    return new Problem(answer.status, told.title ?? answer.statusText, told.detail ?? "", told.code, id);
  } catch {
    return new Problem(answer.status, answer.statusText, `The server answered ${answer.status}.`, "", id);
  }
}
