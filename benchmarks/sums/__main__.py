"""`python -m benchmarks.sums`: whether parts, rows, groups, series and totals of a month of demo calls are the same to the last digit."""

import argparse
import sys
import tempfile
import time

from rich.console import Console

from benchmarks.machine import describe, inspect
from benchmarks.sums.check import ZONES, Found, questions, rows
from benchmarks.sums.fill import DAYS, fill
from farthing.store.telemetry.engine import Engine


def main() -> int:
    """Fill, ask, tell; 1 if anything differs."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.sums", description=__doc__)
    parser.add_argument("--calls", type=int, default=1_000_000)
    parser.add_argument("--zones", default=",".join(ZONES), help="time zones, comma-separated")
    given = parser.parse_args()
    zones = given.zones.split(",")
    console, found = Console(), Found()
    with tempfile.TemporaryDirectory() as folder:
        engine = Engine(f"chdb://{folder}/telemetry")
        engine.migrate()
        started = time.perf_counter()
        month, truth, last, truth_by_minute = fill(engine, given.calls)
        filled = time.perf_counter()
        console.print(f"{truth.calls:,} calls of {DAYS} days kept, {filled - started:.0f} s")
        rows(month, truth, found)
        for _ in questions(month, truth, found, zones=zones):
            if found.questions % 100 == 0:
                console.print(f"{found.questions} questions, {len(found.wrong)} differences")
        for _ in questions(last, truth_by_minute, found, ("minute",), zones):
            pass
        engine.close()
    for wrong in found.wrong:
        console.print(wrong[:2000], markup=False)
    console.print(
        f"{found.questions:,} questions, {found.figures:,} comparisons, {len(found.wrong)} differences, "
        f"{time.perf_counter() - filled:.0f} s. Machine: {describe(inspect(('chdb-core',)))}"
    )
    return int(bool(found.wrong))


if __name__ == "__main__":
    sys.exit(main())
