"""`python -m benchmarks.direct`: calls posted one by one and in batches; how many a second are durable."""

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import msgspec
from rich.console import Console

from benchmarks.direct.load import Figures
from benchmarks.machine import describe, inspect
from benchmarks.process import Server
from benchmarks.systems.farthing import Farthing


def main() -> None:
    """Start a server, post, print, and count that all of it is there."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.direct", description=__doc__)
    parser.add_argument("--single", type=int, default=20_000, help="calls that are posted one by one")
    parser.add_argument("--batched", type=int, default=100_000, help="calls that are posted in batches")
    parser.add_argument("--batch", type=int, default=1_000, help="calls of a batch")
    parser.add_argument("--connections", type=int, default=32, help="for single posts; batches go over four")
    given = parser.parse_args()
    console = Console(soft_wrap=True)
    system = Farthing()
    with tempfile.TemporaryDirectory() as folder, system.start(Path(folder)) as server:
        server.wait_healthy(system.health)
        key = system.headers["Authorization"].removeprefix("Bearer ")
        _post(server, key, 500, given.connections, 1, "w")
        settled = 500
        for name, calls, connections, batch in (
            ("One by one", given.single, given.connections, 1),
            (f"Batches of {given.batch}", given.batched, 4, given.batch),
        ):
            if not calls:
                continue
            before = server.cpu_seconds()
            found = _post(server, key, calls, connections, batch, name[0].lower())
            used = server.cpu_seconds() - before
            settled += calls - found.refused * batch
            console.print(
                f"{name}: {found.calls / found.seconds:,.0f} calls/s over {connections} connections, answered in"
                f" {found.p50_ms:.1f} ms (p50), {found.p95_ms:.1f} ms (p95); per call {used / calls * 1e6:,.0f} µs of the"
                f" server's processor time, {found.cpu_s / calls * 1e6:,.0f} µs of the sender's; {found.refused} refused"
            )
            started = time.monotonic()
            while system.count(server) < settled:
                time.sleep(0.1)
            console.print(f"  all of them counted {time.monotonic() - started:.1f} s after the last answer")
    console.print(f"Machine: {describe(inspect(('chdb-core', 'clickhouse-connect', 'pyarrow')))}")


def _post(server: Server, key: str, calls: int, connections: int, batch: int, run: str) -> Figures:
    asked = {"port": server.port, "calls": calls, "connections": connections, "batch": batch, "key": key, "run": run}
    options = [part for name, value in asked.items() for part in (f"--{name}", str(value))]
    command = [sys.executable, "-m", "benchmarks.direct.load", *options]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=600)
    return msgspec.json.decode(done.stdout, type=Figures)


if __name__ == "__main__":
    main()
