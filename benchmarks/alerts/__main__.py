"""`python -m benchmarks.alerts`: what a round of 200 rules costs over a month of calls, many of them by some 500 users."""

import argparse
import statistics
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
MODELS = (
    "gpt-4o-mini",
    "claude-sonnet-4-5",
    "gpt-4o",
    "gemini-2.5-flash",
    "claude-haiku-4-5",
    "gemini-2.5-pro",
    "o3",
    "mistral-large",
)
HALF_HOUR_MINUTES = 30
LOOK_EVERY_S = 5


def wanted(number: int, *, apart: bool = False) -> Rule:
    """The n-th rule: all kinds, four in five of them by user, a third of them for one feature or environment.

    `apart`: no two rules look at the same calls, so none finds an answer that another one asked for.
    """
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
    if apart:
        filters = {"feature": FEATURES[number % len(FEATURES)], "model": MODELS[number // len(FEATURES) % len(MODELS)]}
        if number >= len(FEATURES) * len(MODELS):
            filters["environment"] = ("production", "staging")[number // len(FEATURES) // len(MODELS) % 2]
    return Rule("", "", f"rule {number}", kind, measure, filters, by, window, limit=limit, sensitivity=Decimal(1000))


def timed(what: Callable[[], int]) -> tuple[float, float, int]:
    """Seconds that passed, seconds of all cores, and the answer."""
    wall, cpu = time.monotonic(), time.process_time()
    answer = what()
    return time.monotonic() - wall, time.process_time() - cpu, answer


def main() -> None:
    """Fill, judge round after round, print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.alerts", description=__doc__)
    parser.add_argument("--calls", type=int, default=10_000_000)
    parser.add_argument("--rules", type=int, default=200)
    parser.add_argument("--minutes", type=int, default=35)
    parser.add_argument("--apart", action="store_true", help="no two rules look at the same calls")
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
        judge(
            engine,
            rollup,
            database,
            [wanted(number, apart=given.apart) for number in range(given.rules)],
            given.minutes,
        )
        database.close()
        engine.close()
    print(f"Machine: {describe(inspect(('chdb-core', 'numpy')))}")


def judge(engine: Engine, rollup: Rollup, database: Database, rules: list[Rule], many: int) -> None:
    """Make the rules, and judge them minute by minute, each with calls that came in meanwhile."""
    clock = END_S - 6 * 3_600 + 600
    with database.write() as session:
        projects.insert(session, Project(PROJECT, "Bench", datetime.now(UTC)))
    book = Rules(database, lambda: clock * NS)
    for rule in rules:
        book.create(Actor(PROJECT, "bench"), rule)
    sources = Sources(engine, rollup, lambda: None, database)
    alerts = Alerts(
        database, book, sources, Round(database, ""), Lease(database, "alerts", "bench"), lambda: clock * NS
    )
    first = rounds_of(alerts, clock, len(rules))
    print(
        f"all {len(rules)} rules for the first time: {len(first)} rounds of at most {max(wall for wall, _ in first):.2f} s, "
        f"{sum(cpu for _, cpu in first):.2f} s of CPU",
        flush=True,
    )
    clock += 60 * (len(first) * LOOK_EVERY_S // 60 + 1)
    minutes: list[list[tuple[float, float]]] = []
    for number in range(many):
        at = clock + 60 * number
        # The half hour of now, and the one before: calls came in, some of them late.
        alerts.touch(PROJECT, {at // 1_800 * 1_800, at // 1_800 * 1_800 - 1_800})
        minutes.append(rounds_of(alerts, at, len(rules)))
        told = ", ".join(f"{wall:.2f} s" for wall, _ in minutes[-1])
        print(f"{at // 60 % 60:02d} past: {told}; {sum(cpu for _, cpu in minutes[-1]):.2f} s of CPU", flush=True)
    last = minutes[-HALF_HOUR_MINUTES:]
    walls = [wall for one in last for wall, _ in one]
    share = sum(cpu for one in last for _, cpu in one) / (60 * len(last))
    print(
        f"the last {len(last)} minutes: {share:.1%} of one core; rounds: median {statistics.median(walls):.2f} s, longest {max(walls):.2f} s"
    )


def rounds_of(alerts: Alerts, at: int, rules: int) -> list[tuple[float, float]]:
    """All rules, at a minute and in the rounds after it if one is cut short: seconds, and seconds of CPU, of each round."""
    found: list[tuple[float, float]] = []
    while rules > 0:
        moment = at + LOOK_EVERY_S * len(found)
        wall, cpu, judged = timed(lambda moment=moment: alerts.round(moment))
        found.append((wall, cpu))
        rules -= judged
    return found


if __name__ == "__main__":
    main()
