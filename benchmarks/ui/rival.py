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

_SEND_LIMIT_S = 300
_STALL_S, _TAKEN_IN_LIMIT_S = 120, 1_800
"""Phoenix writes a hundred spans at a time, which takes it a second or two of a processor; so 15,000 take minutes. Whether
more is still coming is what tells that from a server that has stopped."""
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
        if not generator.wait_done(_SEND_LIMIT_S):
            msg = f"{generator.acked} of {spans} spans were acknowledged within {_SEND_LIMIT_S} s\n{server.log_tail()}"
            raise TimeoutError(msg)


def farthing(browser: Browser, folder: Path, spans: int, rounds: int) -> Seen:
    """Its list of requests over the last hours. Raises `TimeoutError` with what was waited for."""
    with served.empty(folder) as server:
        _send(server, served.HEADERS, spans)
        cookies = tabs.signed_in(browser, f"http://127.0.0.1:{server.port}", served.PASSWORD)
        site = Site(browser, server, cookies, "?from=now-6h&to=now")
        ready = "bench.until(bench.tests.grid)"
        site.cold("/requests", ready)
        loads = [site.cold("/requests", ready) for _ in range(rounds)]
        return Seen(loads, journeys.filtered(site, rounds).rows_ms)


def phoenix(browser: Browser, folder: Path, spans: int, rounds: int, console: Console) -> Seen:
    """Its list of spans of the project. Raises `TimeoutError` with what was waited for."""
    system = Phoenix()
    system.prepare(console)
    folder.mkdir(parents=True, exist_ok=True)
    with system.start(folder) as server:
        server.wait_healthy(system.health)
        _send(server, system.headers, spans)
        taken_s = _wait(system, server, spans, console)
        console.print(f"Phoenix had taken in {spans:,} spans after {taken_s:,.0f} s", highlight=False)
        projects = json.loads(get(server.port, "/graphql", {"Content-Type": "application/json"}, _PROJECTS))
        project = projects["data"]["projects"]["edges"][0]["node"]["id"]
        url = f"http://127.0.0.1:{server.port}/projects/{project}/spans"
        _cold(browser, url)
        loads = [_cold(browser, url) for _ in range(rounds)]
        return Seen(loads, _filter(browser, url, rounds))


def _wait(system: System, server: Server, spans: int, console: Console) -> float:
    """Seconds until all spans can be found."""
    began = more_at = time.monotonic()
    most = 0
    with console.status(f"{system.name} takes in {spans:,} spans") as status:
        while most < spans:
            found, now = system.count(server), time.monotonic()
            if found > most:
                most, more_at = found, now
            if now - more_at > _STALL_S or now - began > _TAKEN_IN_LIMIT_S:
                msg = (
                    f"{system.name} had {most} of {spans} spans after {now - began:.0f} s, and none more for"
                    f" {now - more_at:.0f} s:\n{server.log_tail()}"
                )
                raise TimeoutError(msg)
            status.update(f"{system.name} takes in {spans:,} spans: {most:,}")
            time.sleep(1)
    return time.monotonic() - began


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
