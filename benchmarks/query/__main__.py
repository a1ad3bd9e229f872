"""`python -m benchmarks.query`: how long the questions of an overview page take, at growing numbers of calls."""

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.machine import describe, inspect
from benchmarks.query.fill import END_S, PROJECT, START_S, fill
from farthing.query import listing, run
from farthing.store.telemetry.engine import Engine
from farthing.store.telemetry.rollup import Rollup

MONTH = (("from", str(START_S)), ("to", str(END_S)))
BERLIN = (*MONTH, ("tz", "Europe/Berlin"))

Ask = Callable[[Engine, Rollup], object]


def _spend(*pairs: tuple[str, str]) -> Ask:
    return lambda engine, rollup: run.spend(engine, rollup, PROJECT, pairs, END_S * 10**9)


def _latest(engine: Engine, _: Rollup) -> object:
    return listing.calls(engine, PROJECT, (*MONTH, ("limit", "10")), END_S * 10**9)


WHOLE_RANGE: dict[str, Ask] = {
    "total": _spend(*MONTH, ("granularity", "none")),
    "cost by day and model": _spend(*MONTH, ("by", "model"), ("granularity", "day")),
    "requests by day and status": _spend(*MONTH, ("by", "status"), ("granularity", "day")),
    "by feature": _spend(*MONTH, ("by", "feature"), ("granularity", "none")),
    "top users": _spend(*MONTH, ("by", "user"), ("limit", "10"), ("granularity", "none")),
    "latest 10 calls": _latest,
    "total, Berlin": _spend(*BERLIN, ("granularity", "none")),
    "cost by day and model, Berlin": _spend(*BERLIN, ("by", "model"), ("granularity", "day")),
    "requests by day and status, Berlin": _spend(*BERLIN, ("by", "status"), ("granularity", "day")),
}
AD_HOC: dict[str, Ask] = {
    "one tag": _spend(*MONTH, ("tag.region", "eu"), ("granularity", "none")),
    "two tags, by day": _spend(*MONTH, ("tag.region", "eu"), ("tag.plan", "pro"), ("granularity", "day")),
    "by tag": _spend(*MONTH, ("by", "tag.run"), ("limit", "10"), ("granularity", "none")),
}


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
                measured[size] = process.submit(_measure, folder, size, given.repeats).result()
    console.print(_table(measured))
    console.print(
        "Whole-range questions go through the aggregates, ad-hoc ones through single calls; p50 and p95 in ms, "
        "in one process, without HTTP."
    )
    machine = inspect(("chdb-core", "clickhouse-connect"))
    console.print(f"Machine: {describe(machine)}")


def _measure(folder: Path, size: int, repeats: int) -> dict[str, list[float]]:
    console = Console()
    folder.mkdir(parents=True, exist_ok=True)
    engine = Engine(f"chdb://{folder}/telemetry")
    engine.migrate()
    started = time.perf_counter()
    with console.status(f"{size:,} calls: filling"):
        if not engine.query("SELECT count() FROM calls").rows[0][0]:
            fill(engine, size)
    filled = time.perf_counter()
    rollup = Rollup(engine)
    with console.status(f"{size:,} calls: aggregating"):
        rollup.recover()
        rollup.refresh(time.time(), everything=True)
        rollup.save()
    console.print(
        f"{size:,} calls: filled in {filled - started:.0f} s, aggregated in {time.perf_counter() - filled:.0f} s"
    )
    found: dict[str, list[float]] = {}
    for name, ask in {**WHOLE_RANGE, **AD_HOC}.items():
        ask(engine, rollup)
        found[name] = []
        for _ in range(repeats):
            before = time.perf_counter()
            ask(engine, rollup)
            found[name].append((time.perf_counter() - before) * 1_000)
    engine.close()
    return found


def _table(measured: dict[int, dict[str, list[float]]]) -> Table:
    sizes = list(measured)
    table = Table(title="Questions of an overview page, over 30 days: p50 / p95 in ms", title_justify="left")
    table.add_column("question")
    for size in sizes:
        table.add_column(f"{size:,}", justify="right")
    table.add_column(f"p50: x{sizes[-1] // sizes[0]:,} the calls take", justify="right")
    for name in measured[sizes[0]]:
        rows = [measured[size][name] for size in sizes]
        growth = statistics.median(rows[-1]) / statistics.median(rows[0])
        told = [f"{statistics.median(row):.0f} / {_p95(row):.0f}" for row in rows]
        table.add_row(name, *told, f"x{growth:.1f} the time", end_section=name == list(WHOLE_RANGE)[-1])
    return table


def _p95(values: Sequence[float]) -> float:
    return sorted(values)[max(0, round(len(values) * 0.95) - 1)]


if __name__ == "__main__":
    main()
