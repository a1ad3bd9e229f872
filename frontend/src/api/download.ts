/** A path of the API that answers with a file in; the file, saved by the browser under a name, out. */
import type { Search } from "../url.ts";
import { address, chosenProject, Problem } from "./client.ts";

export async function download(path: string, parameters: Search, name: string): Promise<void> {
  const project = chosenProject();
  const headers: Record<string, string> = {
    "X-Farthing-UI": "1",
    ...(project ? { "X-Farthing-Project": project } : {}),
  };
  const answer = await fetch(address(path, parameters), { headers, credentials: "same-origin" });
  if (!answer.ok) throw new Problem(answer.status, answer.statusText, `The server answered ${answer.status}.`);
  keep(await answer.blob(), name);
}

/** The browser asks where to, or puts it where downloads go. */
export function keep(content: Blob, name: string): void {
  const url = URL.createObjectURL(content);
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
}
