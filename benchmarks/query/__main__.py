"""`python -m benchmarks.query`: how long the questions of an overview page take, at growing numbers of calls."""

import argparse
import statistics
import tempfile
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from itertools import pairwise
from multiprocessing import get_context
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.machine import describe, inspect
from benchmarks.query.ask import WHOLE_RANGE, measure


def main() -> None:
    """Fill, ask, print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.query", description=__doc__)
    parser.add_argument("--calls", default="100000,1000000,10000000", help="sizes, comma-separated")
    parser.add_argument("--repeats", type=int, default=30, help="how often each question is asked")
    parser.add_argument("--keep", type=Path, help="a folder to keep the filled stores in, and to find them again")
    given = parser.parse_args()
    console = Console()
    sizes = [int(size) for size in given.calls.split(",")]
    measured: dict[int, dict[str, list[float]]] = {}
    for size in sizes:
        with tempfile.TemporaryDirectory() as scratch:
            folder = (given.keep or Path(scratch)) / str(size)
            # The engine opens one folder in a process's life.
            with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
                measured[size] = process.submit(measure, folder, size, given.repeats).result()
    console.print(_table(measured))
    console.print(
        "Whole-range questions go through the aggregates, ad-hoc ones through single calls; p50 and p95 in ms, "
        "in one process, without HTTP."
    )
    machine = inspect(("chdb-core", "clickhouse-connect"))
    console.print(f"Machine: {describe(machine)}")


def _table(measured: dict[int, dict[str, list[float]]]) -> Table:
    sizes = list(measured)
    table = Table(title="Questions of an overview page, over 30 days: p50 / p95 in ms", title_justify="left")
    table.add_column("question")
    for size in sizes:
        table.add_column(f"{size:,}", justify="right")
    steps = list(pairwise(sizes))
    for less, more in steps:
        table.add_column(f"{less:,} → {more:,}: x{more / less:g} the calls take", justify="right")
    for name in measured[sizes[0]]:
        told = [f"{statistics.median(row):.0f} / {_p95(row):.0f}" for row in (measured[size][name] for size in sizes)]
        growth = [
            statistics.median(measured[more][name]) / statistics.median(measured[less][name]) for less, more in steps
        ]
        table.add_row(
            name, *told, *(f"x{factor:.1f} the time" for factor in growth), end_section=name == list(WHOLE_RANGE)[-1]
        )
    return table


def _p95(values: Sequence[float]) -> float:
    return sorted(values)[max(0, round(len(values) * 0.95) - 1)]


if __name__ == "__main__":
    main()
