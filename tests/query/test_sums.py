"""The check of sums on few calls, and that it would notice."""

from benchmarks.sums.check import Found, questions, rows
from benchmarks.sums.fill import fill
from farthing.store.telemetry.engine import Engine


def test_parts_rows_groups_and_totals_are_the_same_money(telemetry_engine: Engine) -> None:
    month, truth, last, by_minute = fill(telemetry_engine, 600)
    found = Found()
    rows(month, truth, found)
    list(questions(month, truth, found, ("none", "day"), ("Europe/Berlin", "Asia/Kathmandu")))
    list(questions(last, by_minute, found, ("minute",), ("UTC",)))
    assert found.wrong == []
    assert found.questions == 24 * 5
    assert truth.calls == 600

    (at, values), sums = next(iter(truth.cells.items()))
    truth.cells[at, values] = [*sums[:4], (sums[4] or 0) + 1, *sums[5:]]
    list(questions(month, truth, found, ("none",), ("UTC",)))
    assert found.wrong
