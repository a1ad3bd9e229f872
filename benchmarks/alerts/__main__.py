"""`python -m benchmarks.alerts`: what a round of 200 rules costs over a month of calls, many of them by some 500 users."""

import argparse
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

from benchmarks.machine import describe, inspect
from benchmarks.query.fill import END_S, PROJECT, fill
from farthing.alerts.live import Alerts, Sources
from farthing.alerts.round import Round
from farthing.alerts.rule import Kind, Measure, Rule
from farthing.alerts.rules import Rules
from farthing.catalogue.overrides import Actor
from farthing.query.moments import NS
from farthing.store.meta import projects
from farthing.store.meta.database import Database
from farthing.store.meta.leases import Lease
from farthing.store.meta.projects import Project
from farthing.store.telemetry.engine import Engine
from farthing.store.telemetry.rollup import Rollup

MOST_USD = Decimal(10) ** 9
FEATURES = ("chat-assistant", "search", "summarise", "triage", "translate", "extract", "code-review", "email-draft")


def wanted(number: int) -> Rule:
    """The n-th rule: all kinds, four in five of them by user, a third of them for one feature or environment."""
    kinds = (
        (Kind.THRESHOLD, Measure.COST, "24h", MOST_USD),
        (Kind.THRESHOLD, Measure.CALLS, "1h", MOST_USD),
        (Kind.RATE_LIMIT, Measure.CALLS, "5m", MOST_USD),
        (Kind.ANOMALY, Measure.COST, "14d", None),
        (Kind.ERROR_RATE, Measure.ERROR_RATE, "15m", Decimal(1)),
        (Kind.RUNAWAY, Measure.OUTPUT_TOKENS, "1h", MOST_USD),
        (Kind.UNKNOWN_USAGE, Measure.CALLS, "24h", Decimal(1)),
        (Kind.THRESHOLD, Measure.COST, "7d", MOST_USD),
    )
    kind, measure, window, limit = kinds[number % len(kinds)]
    filters: dict[str, str | list[str]] = {}
    if number % 6 == 1:
        filters["feature"] = FEATURES[number // 6 % len(FEATURES)]
    elif number % 6 == 4:
        filters["environment"] = ("production", "staging")[number // 6 % 2]
    by = ("user",) if number % 5 else ("feature",)
    return Rule("", "", f"rule {number}", kind, measure, filters, by, window, limit=limit, sensitivity=Decimal(1000))


def timed(what: Callable[[], object]) -> tuple[float, float]:
    """Seconds that passed, and seconds of all cores."""
    wall, cpu = time.monotonic(), time.process_time()
    what()
    return time.monotonic() - wall, time.process_time() - cpu


def main() -> None:
    """Fill, judge round after round, print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.alerts", description=__doc__)
    parser.add_argument("--calls", type=int, default=10_000_000)
    parser.add_argument("--rules", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--keep", type=Path, help="a folder to keep the filled store in, and to find it again")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = given.keep or Path(scratch)
        folder.mkdir(parents=True, exist_ok=True)
        is_new = not (folder / "telemetry").exists()
        engine = Engine(f"chdb://{folder}/telemetry")
        engine.migrate()
        if is_new:
            fill(engine, given.calls)
        rollup = Rollup(engine)
        rollup.recover()
        rollup.refresh(time.time(), everything=True)
        database = Database.open(f"sqlite:///{scratch}/meta.db")
        database.migrate()
        judge(engine, rollup, database, given.rules, given.rounds)
        database.close()
        engine.close()
    print(f"Machine: {describe(inspect(('chdb-core', 'numpy')))}")


def judge(engine: Engine, rollup: Rollup, database: Database, rules: int, rounds: int) -> None:
    """Make the rules, and one round a minute, each with calls that came in meanwhile."""
    clock = END_S - 6 * 3_600 + 600
    with database.write() as session:
        projects.insert(session, Project(PROJECT, "Bench", datetime.now(UTC)))
    book = Rules(database, lambda: clock * NS)
    for number in range(rules):
        book.create(Actor(PROJECT, "bench"), wanted(number))
    sources = Sources(engine, rollup, lambda: None, database)
    alerts = Alerts(
        database, book, sources, Round(database, ""), Lease(database, "alerts", "bench"), lambda: clock * NS
    )
    wall, cpu = timed(lambda: alerts.round(clock))
    print(f"the first round of {rules} rules: {wall:.2f} s, {cpu:.2f} s of CPU", flush=True)
    for number in range(1, rounds + 1):
        at = clock + 60 * number
        # The half hour of now, and the one before: calls came in, some of them late.
        alerts.touch(PROJECT, {at // 1_800 * 1_800, at // 1_800 * 1_800 - 1_800})
        wall, cpu = timed(lambda at=at: alerts.round(at))
        print(f"round {number}: {wall:.2f} s, {cpu:.2f} s of CPU: {cpu / 60:.1%} of one core", flush=True)


if __name__ == "__main__":
    main()
