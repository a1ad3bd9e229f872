/** The stylesheets of all pages in: which of their names mean something elsewhere, too, out. A page's styles stay when one leaves it. */
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const SOURCES = join(import.meta.dirname, "..");
const ALONE = /^[a-z]*\.([\w-]+)(?::(?!has)[\w-]+|\[[^\]]*\])*$/;

const sheets = readdirSync(SOURCES, { recursive: true, encoding: "utf8" })
  .filter((path) => path.endsWith(".css"))
  .map((path) => {
    const text = readFileSync(join(SOURCES, path), "utf8").replace(/\/\*[^]*?\*\//g, "");
    const selectors = [...text.matchAll(/([^{};]+)\{/g)].flatMap(([, all]) =>
      (all ?? "").split(",").map((one) => one.trim()),
    );
    return { path, selectors };
  });

test("what a page styles by one name alone has that name on no other page", () => {
  const clashes = sheets
    .filter(({ path }) => path.startsWith("pages"))
    .flatMap(({ path, selectors }) =>
      selectors.flatMap((selector) => {
        const name = ALONE.exec(selector)?.[1];
        const named = (one: string) => [...one.matchAll(/\.([\w-]+)/g)].some(([, other]) => other === name);
        const also = sheets.filter((other) => other.path !== path && other.selectors.some(named));
        return name && also.length ? [`${name} of ${path} in ${also.map((one) => one.path).join(", ")}`] : [];
      }),
    );
  expect([...new Set(clashes)]).toEqual([]);
});
