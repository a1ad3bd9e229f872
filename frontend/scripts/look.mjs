// Pages of a running server in; screenshots in both themes and three widths, out: node scripts/look.mjs URL OUT PATH...
import { mkdtempSync } from "node:fs";
import { join } from "node:path";
import { chromium } from "playwright-core";

const [url, out, ...paths] = process.argv.slice(2);
const widths = (process.env.WIDTHS ?? "1440").split(",").map(Number);
const themes = (process.env.THEMES ?? "light,dark").split(",");
for (const theme of themes) {
  const context = await chromium.launchPersistentContext(mkdtempSync("/tmp/look-"), {
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
    colorScheme: theme,
    viewport: { width: widths[0], height: 900 },
  });
  const page = context.pages()[0] ?? (await context.newPage());
  page.on(
    "console",
    (message) => ["error", "warning"].includes(message.type()) && console.log(theme, message.type(), message.text()),
  );
  page.on("pageerror", (error) => console.log(theme, "pageerror", error.message));
  for (const width of widths) {
    await page.setViewportSize({ width, height: 900 });
    for (const path of paths) {
      await page.goto(url + path);
      await page.waitForLoadState("networkidle").catch(() => {});
      await page.waitForTimeout(600);
      const name = path.replace(/[^a-z0-9]+/gi, "-").replace(/^-|-$/g, "") || "overview";
      await page.screenshot({ path: join(out, `${name}-${theme}-${width}.png`), fullPage: true });
      console.log(name, theme, width, await page.evaluate(() => document.querySelectorAll("*").length), "nodes");
    }
  }
  await context.close();
}
