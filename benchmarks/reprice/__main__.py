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


def main() -> None:
    """Send, price again, send and price again at once; print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.reprice", description=__doc__)
    parser.add_argument("--calls", type=int, default=100_000, help="calls that are priced again")
    parser.add_argument("--spans", type=int, default=50_000, help="spans that are sent meanwhile")
    given = parser.parse_args()
    console = Console()
    system = Farthing()
    with tempfile.TemporaryDirectory() as folder, system.start(Path(folder)) as server:
        server.wait_healthy(system.health)
        alone = _send(system, server, given.calls, 1)
        _settled(system, server, given.calls)
        _discount(system, server, "10")
        job, took = _reprice(system, server)
        console.print(f"Alone: {job['touched']:,} calls changed in {took:.1f} s, {job['touched'] / took:,.0f} calls/s")
        _discount(system, server, "20")
        with _generator(system, server, given.spans, 2) as load:
            load.wait_ready()
            load.go()
            job, took = _reprice(system, server)
            load.wait_done(600)
            beside = load.acked_per_s
        console.print(f"Beside intake: {job['touched'] / took:,.0f} calls/s")
        console.print(f"Intake: {alone:,.0f} spans/s alone, {beside:,.0f} while calls are priced again")
    console.print(f"Machine: {describe(inspect(('chdb-core', 'clickhouse-connect', 'pyarrow')))}")


def _generator(system: Farthing, server: Server, spans: int, seed: int) -> Generator:
    return Generator(server.port, system.headers, spans, connections=4, batch=512, seed=seed)


def _send(system: Farthing, server: Server, spans: int, seed: int) -> float:
    with _generator(system, server, spans, seed) as load:
        load.wait_ready()
        load.go()
        load.wait_done(600)
        return load.acked_per_s


def _settled(system: Farthing, server: Server, calls: int) -> None:
    while system.count(server) < calls:
        time.sleep(0.2)


def _discount(system: Farthing, server: Server, percent: str) -> None:
    """So that what every call costs changes."""
    _ask(system, server, "/api/v1/prices/overrides", {"kind": "discount", "discount_percent": percent})


def _reprice(system: Farthing, server: Server) -> tuple[Any, float]:
    began = time.monotonic()
    job = _ask(system, server, _PATH, {"from": "now-1d", "dry_run": False})
    while job["state"] in ("queued", "running"):
        time.sleep(0.05)
        job = _ask(system, server, f"{_PATH}/{job['id']}")
    return job, time.monotonic() - began


def _ask(system: Farthing, server: Server, path: str, body: Any = None) -> Any:
    headers = {**system.headers, "Content-Type": "application/json"}
    return json.loads(get(server.port, path, headers, None if body is None else json.dumps(body).encode()))


if __name__ == "__main__":
    main()
