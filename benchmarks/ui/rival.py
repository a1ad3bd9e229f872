"""The same spans in Farthing and in Phoenix in; how their pages come up and narrow down, out."""

import contextlib
import json
import re
import time
from pathlib import Path

import msgspec
from playwright.sync_api import Browser
from playwright.sync_api import Error as BrowserError
from rich.console import Console

from benchmarks.ingest.generator import Generator
from benchmarks.process import Server, get
from benchmarks.systems import System
from benchmarks.systems.phoenix import Phoenix
from benchmarks.ui import browser as tabs
from benchmarks.ui import journeys, served
from benchmarks.ui.browser import Load
from benchmarks.ui.journeys import Site

_LIMIT_S = 900
_PROJECTS = json.dumps({"query": "{ projects { edges { node { id name } } } }"}).encode()
_ROWS = "() => document.querySelectorAll('main tbody tr, table tbody tr').length >= 10"
_OTHERS = f"() => ({_ROWS})() && bench.listed() !== bench.before"
_LISTED = "[...document.querySelectorAll('main tbody tr, table tbody tr')].map((row) => row.innerText).join()"
_REMEMBER = f"() => {{ bench.listed = () => {_LISTED}; bench.before = bench.listed(); }}"
"""What was listed fulfils a test for so many rows, too: the new ones are there once others are."""
_SIDES = ("status_code == 'ERROR' or latency_ms > {}", "status_code != 'ERROR' and latency_ms < {}")


class Seen(msgspec.Struct):
    """How one system's list of spans came up, cold, and how long a filter of it took; None where it can't be told."""

    loads: list[Load]
    filter_ms: list[float]


def _send(server: Server, headers: dict[str, str], spans: int) -> None:
    with Generator(server.port, headers, spans, connections=2, batch=512, seed=7) as generator:
        generator.wait_ready()
        generator.go()
        if not generator.wait_done(_LIMIT_S):
            msg = f"{spans} spans were not taken in within {_LIMIT_S} s"
            raise TimeoutError(msg)


def farthing(browser: Browser, folder: Path, spans: int, rounds: int) -> Seen:
    """Its list of requests over the last hour."""
    with served.empty(folder) as server:
        _send(server, served.HEADERS, spans)
        cookies = tabs.signed_in(browser, f"http://127.0.0.1:{server.port}", served.PASSWORD)
        site = Site(browser, server, cookies, "?from=now-6h&to=now")
        ready = "bench.until(bench.tests.grid)"
        site.cold("/requests", ready)
        loads = [site.cold("/requests", ready) for _ in range(rounds)]
        return Seen(loads, journeys.filtered(site, rounds).rows_ms)


def phoenix(browser: Browser, folder: Path, spans: int, rounds: int, console: Console) -> Seen:
    """Its list of spans of the project."""
    system = Phoenix()
    system.prepare(console)
    folder.mkdir(parents=True, exist_ok=True)
    with system.start(folder) as server:
        server.wait_healthy(system.health)
        _send(server, system.headers, spans)
        _wait(system, server, spans)
        projects = json.loads(get(server.port, "/graphql", {"Content-Type": "application/json"}, _PROJECTS))
        project = projects["data"]["projects"]["edges"][0]["node"]["id"]
        url = f"http://127.0.0.1:{server.port}/projects/{project}/spans"
        _cold(browser, url)
        loads = [_cold(browser, url) for _ in range(rounds)]
        return Seen(loads, _filter(browser, url, rounds))


def _wait(system: System, server: Server, spans: int) -> None:
    until = time.monotonic() + _LIMIT_S
    while system.count(server) < spans:
        if time.monotonic() > until:
            msg = f"{system.name} had not {spans} spans within {_LIMIT_S} s"
            raise TimeoutError(msg)
        time.sleep(1)


def _cold(browser: Browser, url: str) -> Load:
    with tabs.tab(browser) as page:
        return tabs.load(page, url, f"bench.until({_ROWS})")


def _filter(browser: Browser, url: str, rounds: int) -> list[float]:
    """Type a condition and press Enter until other spans are listed; empty where its page has no such field."""
    found: list[float] = []
    with tabs.tab(browser) as page, contextlib.suppress(BrowserError):
        page.goto(url, wait_until="commit")
        page.evaluate(f"bench.until({_ROWS})")
        for number in range(rounds):
            field = page.locator(".cm-content").first
            field.click(timeout=5_000)
            page.keyboard.press("Control+a")
            page.keyboard.press("Delete")
            page.evaluate(_REMEMBER)
            with page.expect_response(re.compile("graphql")):
                page.keyboard.insert_text(_SIDES[number % len(_SIDES)].format(9_000 + number))
                page.keyboard.press("Enter")
            found.append(page.evaluate(f"bench.after({_OTHERS})"))
    return found
