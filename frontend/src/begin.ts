/** The page's very start: what it asks first, and its own parts, are on their way while the rest of its code still is. */
import { askEarly } from "./api/early.ts";
import { addresses, parts } from "./first.ts";
import { PREFIX } from "./prefix.ts";

for (const url of addresses(PREFIX, window.location)) askEarly(url);

const built = document.querySelector<HTMLMetaElement>("meta[name=parts]")?.content;
const files = (built ? JSON.parse(built) : {}) as Record<string, string[]>;
for (const href of new Set(parts(PREFIX, window.location).flatMap((name) => files[name] ?? []))) {
  const of = href.endsWith(".css") ? { rel: "preload", as: "style" } : { rel: "modulepreload" };
  const link = Object.assign(document.createElement("link"), { ...of, href, crossOrigin: "" });
  // Charts come after everything else: they are drawn from answers that are still on their way.
  if (href.includes("engine")) link.fetchPriority = "low";
  document.head.append(link);
}
