/** How the UI is built: relative addresses, so that it works under any path prefix; brotli beside each file. */
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, constants } from "node:zlib";
import react from "@vitejs/plugin-react";
import license from "rollup-plugin-license";
import { defineConfig, type Plugin, type Rollup } from "vite";

type OutputBundle = Rollup.OutputBundle;
type Output = OutputBundle[string];

const OUT = "../src/farthing/web/dist";
const SERVER = process.env.FARTHING_URL ?? "http://127.0.0.1:4180";
const KEY = process.env.FARTHING_KEY;
/** The parts of the code that src/first.ts fetches at once. */
const PARTS = ["engine", "Costs", "Requests", "Request", "Traces", "Trace", "Detail"];
/** While developing a key stands in for signing in. */
const proxied = { target: SERVER, changeOrigin: true, ...(KEY ? { headers: { Authorization: `Bearer ${KEY}` } } : {}) };

/** Compressed once here, never per request. */
function compressed(): Plugin {
  const walk = (dir: string): string[] =>
    readdirSync(dir).flatMap((name) => {
      const path = join(dir, name);
      return statSync(path).isDirectory() ? walk(path) : [path];
    });
  return {
    name: "compressed",
    apply: "build",
    closeBundle() {
      for (const path of walk(join(import.meta.dirname, OUT))) {
        if (!/\.(js|css|svg|txt)$/.test(path)) continue;
        const raw = readFileSync(path);
        if (raw.length < 1024) continue;
        writeFileSync(`${path}.br`, brotliCompressSync(raw, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }));
      }
    },
  };
}

/** The files of a chunk and of all it needs, styles too, without those that every page has. */
function besides(all: ReadonlySet<string>, bundle: OutputBundle, of: Output | undefined): string[] {
  if (of?.type !== "chunk") throw new Error("A part that src/first.ts names is not in the bundle.");
  const found = new Set<string>();
  const walk = (name: string) => {
    const one = bundle[name];
    if (all.has(name) || found.has(name) || one?.type !== "chunk") return;
    found.add(name);
    for (const style of one.viteMetadata?.importedCss ?? []) if (!all.has(style)) found.add(style);
    one.imports.forEach(walk);
  };
  walk(of.fileName);
  return [...found].map((name) => `./${name}`);
}

/**
 * The first questions go out as soon as their few lines are there, while the browser still reads the rest; they find in the page
 * which files a part is made of. The font is asked for before the styles that name it are there.
 */
function begun(): Plugin {
  return {
    name: "begun",
    apply: "build",
    transformIndexHtml: {
      order: "post",
      handler(page, { bundle }) {
        const files = Object.values(bundle ?? {});
        const named = (name: string) => files.find((one) => one.type === "chunk" && one.name === name);
        const font = files.find((one) => /inter-latin-wght-normal[^/]*\.woff2$/.test(one.fileName));
        const begin = named("begin");
        if (!begin || !font) throw new Error("The page's first parts are not in the bundle.");
        const all = new Set(page.match(/assets\/[^"]+/g));
        const content = JSON.stringify(
          Object.fromEntries(PARTS.map((name) => [name, besides(all, bundle ?? {}, named(name))])),
        );
        const src = { type: "module", async: true, crossorigin: true, src: `./${begin.fileName}` };
        const href = { rel: "preload", as: "font", type: "font/woff2", crossorigin: true, href: `./${font.fileName}` };
        return [
          { tag: "meta", attrs: { name: "parts", content }, injectTo: "head-prepend" },
          { tag: "script", attrs: src, injectTo: "head-prepend" },
          { tag: "link", attrs: href, injectTo: "head" },
        ];
      },
    },
  };
}

export default defineConfig({
  base: "./",
  plugins: [
    react(),
    license({ thirdParty: { output: { file: join(import.meta.dirname, OUT, "THIRD_PARTY_LICENSES.txt") } } }),
    begun(),
    compressed(),
  ],
  build: {
    outDir: OUT,
    emptyOutDir: true,
    target: "es2022",
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      input: { index: join(import.meta.dirname, "index.html"), begin: join(import.meta.dirname, "src/begin.ts") },
      output: {
        // Browsers ask for six things at once over HTTP/1.1. With each shared part in a file of its own, the first questions,
        // and the fonts, stood in line behind two dozen of them.
        codeSplitting: {
          groups: [
            { name: "begin", test: /src[\\/](begin|first|url|clock|calendar|prefix|api[\\/]early)\.ts$/, priority: 1 },
            { name: "first", tags: ["$initial"] },
            // What most other pages are made of, in one file as well; the rest of the widgets go with who needs them.
            // What pages of one trace and of one request share would be half a dozen files of a few lines.
            {
              name: "one",
              test: /[\\/](AddToDataset|Go|ScoreChips|scores|doing|neighbours|order|slice|IconChevron(Up|Down))\.(tsx?|mjs)$/,
              minShareCount: 2,
            },
            { name: "widgets", test: /@(mantine[\\/](core|hooks)|floating-ui)[\\/]/, minShareCount: 16 },
          ],
        },
      },
    },
  },
  server: { port: 5173, proxy: { "/api": proxied, "/v1": proxied, "/healthz": proxied, "/openapi.json": proxied } },
});
