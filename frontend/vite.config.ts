/** How the UI is built: relative addresses, so that it works under any path prefix; brotli beside each file. */
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, constants } from "node:zlib";
import react from "@vitejs/plugin-react";
import license from "rollup-plugin-license";
import { defineConfig, type Plugin } from "vite";

const OUT = "../src/farthing/web/dist";
const SERVER = process.env.FARTHING_URL ?? "http://127.0.0.1:4180";
const KEY = process.env.FARTHING_KEY;
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

/** The first questions go out as soon as their few lines are there, while the browser still reads the rest. */
function begun(): Plugin {
  return {
    name: "begun",
    apply: "build",
    transformIndexHtml: {
      order: "post",
      handler(_, { bundle }) {
        const chunk = Object.values(bundle ?? {}).find((one) => one.type === "chunk" && one.name === "begin");
        if (!chunk) throw new Error("There is no chunk of src/begin.ts.");
        const attrs = { type: "module", async: true, crossorigin: true, src: `./${chunk.fileName}` };
        return [{ tag: "script", attrs, injectTo: "head-prepend" }];
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
    },
  },
  server: { port: 5173, proxy: { "/api": proxied, "/v1": proxied, "/healthz": proxied, "/openapi.json": proxied } },
});
