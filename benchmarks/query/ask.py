"""A folder and a number of calls in; how long each question took, in ms, out. One process measures one folder."""

import time
from collections.abc import Callable
from pathlib import Path

from rich.console import Console

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
    "one tag, by model and day": _spend(*MONTH, ("tag.region", "eu"), ("by", "model"), ("granularity", "day")),
    "two tags without a common cut": _spend(*MONTH, ("tag.region", "eu"), ("tag.run", "7"), ("granularity", "none")),
    "one tag without another": _spend(*MONTH, ("tag.region", "eu"), ("tag.run", "!7"), ("granularity", "none")),
    "one tag, least cost": _spend(*MONTH, ("tag.region", "eu"), ("min_cost", "0.005"), ("granularity", "none")),
    "one tag, any text": _spend(*MONTH, ("tag.region", "eu"), ("q", "search"), ("granularity", "none")),
    "two tags without a common cut, by model and day": _spend(
        *MONTH, ("tag.region", "eu"), ("tag.run", "7"), ("by", "model"), ("granularity", "day")
    ),
    "by tag": _spend(*MONTH, ("by", "tag.run"), ("limit", "10"), ("granularity", "none")),
}


def measure(folder: Path, size: int, repeats: int) -> dict[str, list[float]]:
    """Fill the folder unless it is, aggregate, and ask each question `repeats` times."""
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
