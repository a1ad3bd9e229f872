"""A folder in; pictures of every page of the UI in both themes there, from a demo server that lives as long as it takes, out.

They show what a month of the demo's traffic looks like, at most `MOST_BYTES` each. Needs chromium and the built UI.
"""

import base64
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pictured import Demo
from playwright.sync_api import Browser, Page, expect, sync_playwright

CALLS = 20_000
FILLED_WITHIN_S = 600
MOST_BYTES = 150_000
WIDTH, HEIGHT = 1440, 900
THEMES = ("light", "dark")
KEY = "fk_pictures0_" + "p" * 32
PASSWORD = "only for as long as it takes"  # noqa: S105  guards made-up traffic for a minute
HEADERS = {"Authorization": f"Bearer {KEY}"}

_AS_WEBP = """async ([data, quality]) => {
  const image = await createImageBitmap(await (await fetch("data:image/png;base64," + data)).blob());
  const canvas = new OffscreenCanvas(image.width, image.height);
  canvas.getContext("2d").drawImage(image, 0, 0);
  const bytes = new Uint8Array(await (await canvas.convertToBlob({ type: "image/webp", quality })).arrayBuffer());
  let text = "";
  for (let at = 0; at < bytes.length; at += 8192) text += String.fromCharCode(...bytes.subarray(at, at + 8192));
  return btoa(text);
}"""


@contextmanager
def serving(folder: Path) -> Generator[str]:
    """The address of a demo server that is filled."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    environment = {
        **os.environ,
        "FARTHING_GRPC_PORT": "0",
        "FARTHING_OTLP_PORT": "0",
        "FARTHING_INIT_KEY": KEY,
        "FARTHING_INIT_ADMIN_PASSWORD": PASSWORD,
    }
    command = [str(Path(sys.executable).with_name("farthing")), "demo", "--calls", str(CALLS), "--port", str(port)]
    process = subprocess.Popen([*command, "--data", str(folder)], env=environment, stdout=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + FILLED_WITHIN_S
        while not (folder / "demo-filled").exists():
            if process.poll() is not None or time.monotonic() > deadline:
                sys.exit("The demo server did not come up; its own words stand above.")
            time.sleep(0.5)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(60)


def pages(url: str) -> dict[str, str]:
    """What is pictured: a file's name to an address. The dearest call and the longest trace stand for all."""
    demo = Demo(url, HEADERS)
    ids = demo.furnish()
    call = demo.get("/api/v1/calls", **{"from": "now-30d", "limit": 1, "sort": "-cost"})["data"][0]
    traces: list[Any] = []
    for feature in ("catalog.enrich", "analytics.ask", "contracts.review"):
        traces += demo.get("/api/v1/traces", **{"from": "now-30d", "limit": 200, "feature": feature})["data"]
    trace = max(traces, key=lambda one: one["span_count"])["trace_id"]
    return {
        "overview": "/?from=now-14d&cmp=prev",
        "costs": "/costs",
        "why": "/costs?from=now-7d&cmp=prev&why=all",
        "tokens": "/costs/tokens",
        "requests": f"/requests?sort=-cost&peek={call['id']}",
        "traces": "/traces",
        "trace": f"/traces/{trace}",
        "sessions": "/sessions",
        "users": "/users",
        "pricing": "/pricing",
        "budgets": "/budgets",
        "budget": f"/budgets/{ids['budget']}",
        "alerts": f"/alerts/incidents/{ids['incident']}",
        "rules": "/alerts/rules",
        "gateway": "/gateway/rollouts",
        "prompts": "/prompts/of/support/reply",
        "datasets": f"/datasets/{ids['dataset']}",
        "experiments": "/experiments",
        "compare": f"/experiments/compare?runs={ids['runs']}",
        "settings": "/settings/keys",
        "setup": "/setup",
    }


def pictures(browser: Browser, url: str, folder: Path, wanted: Sequence[str]) -> None:
    """Every page in every theme, as files; only those that are wanted, if any are named."""
    writer = browser.new_page()
    context = browser.new_context(
        viewport={"width": WIDTH, "height": HEIGHT}, timezone_id="UTC", reduced_motion="reduce"
    )
    signing_in = {"login": "admin", "password": PASSWORD}
    answer = context.request.post(f"{url}/api/v1/session", data=signing_in, headers={"X-Farthing-UI": "1"})
    if answer.status != 200:
        sys.exit(f"Could not sign in: {answer.text()}")
    page = context.new_page()
    for name, path in pages(url).items():
        if wanted and name not in wanted:
            continue
        page.goto(url + path)
        page.wait_for_selector("main")
        waited = page.locator("[aria-busy=true], [data-chart][data-ready=false], .mantine-Skeleton-root, .skeleton")
        for theme in THEMES:
            page.emulate_media(color_scheme=theme)
            expect(page.locator("html")).to_have_attribute("data-mantine-color-scheme", theme)
            expect(waited).to_have_count(0, timeout=60_000)
            page.wait_for_function("document.fonts.status === 'loaded'")
            picture = _small(writer, page.screenshot(animations="disabled"))
            (folder / f"{name}-{theme}.webp").write_bytes(picture)
            print(f"{folder / name}-{theme}.webp  {len(picture):,} bytes")


def _small(writer: Page, png: bytes) -> bytes:
    for quality in (0.9, 0.8, 0.6, 0.4):
        made = base64.b64decode(writer.evaluate(_AS_WEBP, [base64.b64encode(png).decode(), quality]))
        if len(made) <= MOST_BYTES:
            return made
    sys.exit(f"A picture is larger than {MOST_BYTES:,} bytes at any quality.")


def main() -> None:
    """Into the folder that is named, or docs/ui; after it, names of pages."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parents[1] / "docs" / "ui"
    folder.mkdir(parents=True, exist_ok=True)
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if program is None:
        sys.exit("There is no chromium on the path.")
    with tempfile.TemporaryDirectory() as data, serving(Path(data) / "demo") as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu"])
        pictures(browser, url, folder, sys.argv[2:])
        browser.close()


if __name__ == "__main__":
    main()
