"""`python -m benchmarks.reprice`: calls priced again per second, and spans taken in per second with and without that."""

import argparse
import json
import tempfile
import time
from pathlib import Path
from typing import Any

from rich.console import Console

from benchmarks.ingest.generator import Generator
from benchmarks.machine import describe, inspect
from benchmarks.process import Server, get
from benchmarks.systems.farthing import Farthing

_PATH = "/api/v1/prices/reprice"
_WARM, _ALONE = 10_000, 30_000
"""Spans taken in before anything is measured, and those by which intake alone is."""


def main() -> None:
    """Send, price again; then send, and price again meanwhile; print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.reprice", description=__doc__)
    parser.add_argument("--calls", type=int, default=200_000, help="calls that are priced again")
    parser.add_argument("--spans", type=int, default=200_000, help="spans that are there to be sent meanwhile")
    given = parser.parse_args()
    console = Console()
    system = Farthing()
    with tempfile.TemporaryDirectory() as folder, system.start(Path(folder)) as server:
        server.wait_healthy(system.health)
        _send(system, server, given.calls, 1)
        _settled(system, server, given.calls)
        _discount(system, server, "10")
        for dry_run, what in ((True, "Dry run"), (False, "Alone")):
            job, took = _reprice(system, server, dry_run=dry_run)
            console.print(f"{what}: {job['touched']:,} calls in {took:.1f} s, {job['touched'] / took:,.0f} calls/s")
        job, took = _followed(system, server, _ask(system, server, f"{_PATH}/{job['id']}/undo", {}))
        console.print(f"Undone: {job['restored']:,} calls in {took:.1f} s, {job['restored'] / took:,.0f} calls/s")
        with _generator(system, server, given.spans, 2) as load:
            load.wait_ready()
            load.go()
            _acked(load, _WARM)
            alone = _acked(load, _ALONE)
            _discount(system, server, "20")
            before, began = load.acked, time.monotonic()
            job, took = _reprice(system, server, dry_run=False)
            beside = (load.acked - before) / (time.monotonic() - began)
            still = load.acked < given.spans
        console.print(
            f"Beside intake: {job['calls_seen'] / took:,.0f} calls/s seen, {job['touched'] / took:,.0f} changed"
        )
        console.print(f"Intake: {alone:,.0f} spans/s alone, {beside:,.0f} while calls are priced again")
        if not still:
            console.print("Intake had ended before the job: give it more --spans.")
    console.print(f"Machine: {describe(inspect(('chdb-core', 'clickhouse-connect', 'pyarrow')))}")


def _acked(load: Generator, spans: int) -> float:
    """Spans acknowledged per second while so many more are."""
    before, began = load.acked, time.monotonic()
    while load.acked < before + spans:
        time.sleep(0.02)
    return (load.acked - before) / (time.monotonic() - began)


def _generator(system: Farthing, server: Server, spans: int, seed: int) -> Generator:
    return Generator(server.port, system.headers, spans, connections=4, batch=512, seed=seed)


def _send(system: Farthing, server: Server, spans: int, seed: int) -> None:
    with _generator(system, server, spans, seed) as load:
        load.wait_ready()
        load.go()
        load.wait_done(600)


def _settled(system: Farthing, server: Server, calls: int) -> None:
    while system.count(server) < calls:
        time.sleep(0.2)


def _discount(system: Farthing, server: Server, percent: str) -> None:
    """So that what every call costs changes."""
    _ask(system, server, "/api/v1/prices/overrides", {"kind": "discount", "discount_percent": percent})


def _reprice(system: Farthing, server: Server, *, dry_run: bool) -> tuple[Any, float]:
    return _followed(system, server, _ask(system, server, _PATH, {"from": "now-1d", "dry_run": dry_run}))


def _followed(system: Farthing, server: Server, job: Any) -> tuple[Any, float]:
    began = time.monotonic()
    while job["state"] in ("queued", "running", "undoing"):
        time.sleep(0.05)
        job = _ask(system, server, f"{_PATH}/{job['id']}")
    return job, time.monotonic() - began


def _ask(system: Farthing, server: Server, path: str, body: Any = None) -> Any:
    headers = {**system.headers, "Content-Type": "application/json"}
    return json.loads(get(server.port, path, headers, None if body is None else json.dumps(body).encode()))


if __name__ == "__main__":
    main()
