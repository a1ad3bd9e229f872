"""Command-line options in; how fast the web UI is in a real browser, beside its targets, out: `python -m benchmarks.ui`."""

import tempfile
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from playwright.sync_api import Browser
from rich.console import Console

from benchmarks import environments, machine
from benchmarks.process import Server, StartFailedError, get
from benchmarks.query.fill import END_S, PROJECT, START_S
from benchmarks.ui import browser as tabs
from benchmarks.ui import journeys, large_trace, report, rival, served
from benchmarks.ui.journeys import Site
from benchmarks.ui.report import Figure
from farthing.web.serving import DIST

_HELP = """Open Farthing's pages in a real Chromium against a real server with
demo data, and print what a person waits for beside what they should wait at most.

\b
[bold]A small one, five minutes:[/]
  python -m benchmarks.ui
[bold]The published one; the demo is filled once and kept:[/]
  python -m benchmarks.ui --calls 1000000 --keep DEMO --month STORES/10000000

--month takes a store that `python -m benchmarks.query --keep STORES` has
filled: the Overview is measured over it, too. Phoenix is installed from PyPI
into benchmarks/.envs; --alone does without it.
"""

app = typer.Typer(add_completion=False, rich_markup_mode="rich")


@app.command(help=_HELP)
def main(  # noqa: PLR0913 - every option of the command line is one argument
    calls: Annotated[int, typer.Option(min=1_000, help="Calls of the demo.")] = 200_000,
    keep: Annotated[
        Path | None, typer.Option(help="A folder to keep the filled demo in, and to find it again.")
    ] = None,
    month: Annotated[Path | None, typer.Option(help="A store filled by benchmarks.query: FOLDER/10000000.")] = None,
    spans: Annotated[int, typer.Option(min=100, help="Spans of the large trace.")] = 10_000,
    rival_spans: Annotated[int, typer.Option(min=100, help="Spans for the comparison.")] = 15_000,
    rounds: Annotated[int, typer.Option(min=1, help="How often pages are opened and filters set.")] = 5,
    alone: Annotated[bool, typer.Option("--alone", help="Without Phoenix.")] = False,
    json: Annotated[Path | None, typer.Option(help="Write all figures there as JSON as well.")] = None,
) -> None:
    """See `_HELP`."""
    console = Console()
    if not (DIST / "index.html").is_file():
        console.print("[red]The web UI is not built: make ui[/]")
        raise typer.Exit(1)
    here = machine.inspect(("farthing", "playwright", "uvicorn"))
    try:
        with tempfile.TemporaryDirectory(prefix="farthing-bench-") as scratch, tabs.chromium() as browser:
            figures = _demo(browser, keep or Path(scratch) / "demo", calls, spans, rounds, console)
            if month:
                figures += _month(browser, month, Path(scratch) / "month", rounds)
            report.show(figures, console)
            if not alone:
                ours = rival.farthing(browser, Path(scratch) / "farthing", rival_spans, rounds)
                theirs = rival.phoenix(browser, Path(scratch) / "phoenix", rival_spans, rounds, console)
                report.beside(ours, theirs, rival_spans, console)
    except (tabs.NoBrowserError, environments.InstallError, StartFailedError, TimeoutError) as error:
        console.print(f"[red]{error}[/]", highlight=False)
        raise typer.Exit(1) from error
    console.print(f"[bold]Machine[/]: {machine.describe(here)}", highlight=False)
    if json:
        json.parent.mkdir(parents=True, exist_ok=True)
        told = {"machine": here, "figures": figures}
        json.write_bytes(msgspec.json.format(msgspec.json.encode(told)) + b"\n")


def _demo(browser: Browser, folder: Path, calls: int, spans: int, rounds: int, console: Console) -> list[Figure]:
    """Everything that is looked at over the demo's month."""
    with served.demo(folder, calls, console) as server:
        trace = _hold_trace(server, spans)
        cookies = tabs.signed_in(browser, f"http://127.0.0.1:{server.port}", served.PASSWORD)
        site = Site(browser, server, cookies)
        # The large trace is of the last hour: of a small demo all newest rows would be its calls.
        earlier = Site(browser, server, cookies, "?from=now-30d&to=now-2h")
        loads = journeys.overview(site, rounds)
        pages = journeys.every_page(site)
        tables = {path: journeys.scrolled(site, path, "[role=grid]") for path in journeys.TABLES}
        found = [
            *report.first_load(loads[0]),
            *report.overview(loads, calls),
            *report.pages(pages),
            *report.scrolled(tables),
            *report.filtered(journeys.filtered(earlier, 2 * rounds), calls),
            *report.large_trace(journeys.large_trace(site, trace, rounds), spans),
        ]
        server.terminate()
    return found


def _month(browser: Browser, store: Path, scratch: Path, rounds: int) -> list[Figure]:
    """The Overview over a month that was filled before."""
    with served.over(store / "telemetry", PROJECT, scratch) as server:
        cookies = tabs.signed_in(browser, f"http://127.0.0.1:{server.port}", served.PASSWORD)
        site = Site(browser, server, cookies, f"?from={START_S}&to={END_S}&tz=utc", {"X-Farthing-Project": PROJECT})
        found = report.overview(journeys.overview(site, rounds), int(store.name))
        server.terminate()
    return found


def _hold_trace(server: Server, spans: int) -> str:
    """The large trace's id; it is sent unless it is there."""
    trace = large_trace.trace_id(spans)
    try:
        served.ask(server, f"/api/v1/traces/{trace}?limit=1")
    except OSError:
        headers = {**served.HEADERS, "Content-Type": "application/json"}
        for body in large_trace.bodies(spans):
            get(server.port, "/v1/traces", headers, body)
    return trace


if __name__ == "__main__":
    app()
