"""Calls that are written again while somebody asks in; every answer counts each of them once."""

import threading
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from stored_calls import new_project, starts, stored_call, write

from farthing.model.call import PricedCall
from farthing.query import run
from farthing.query.moments import rfc3339
from farthing.store.telemetry.engine import Engine, Result
from farthing.store.telemetry.rollup import Rollup

AT = 1_790_000_000 // 1_800 * 1_800 * 10**9
HALF_NS = 1_800 * 10**9
CALLS = 6
COST = "0.018"

Hook = Callable[[], object]


class Asked:
    """A store of one project that was looked through; how it is asked can be interrupted at the moment of reading."""

    def __init__(self, engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
        self.engine, self.project = engine, new_project()
        self.calls = [stored_call(AT + number * HALF_NS // 2) for number in range(CALLS)]
        write(engine, self.project, self.calls)
        self.rollup = Rollup(engine)
        self.rollup.recover()
        self.rollup.singles.look(1e10, everything=True)
        self.read: list[bool] = []
        """Whether each reading of calls was without FINAL."""
        self.before: list[Hook] = []
        self.after: list[Hook] = []
        self._query = engine.query
        monkeypatch.setattr(engine, "query", self._interrupted)

    def _interrupted(self, sql: str, parameters: Mapping[str, Any] | None = None, *, timeout_s: float = 30) -> Result:
        is_question = "AS quantiles" in sql
        if is_question:
            self.read.append("FROM calls WHERE" in sql)
            while self.before:
                self.before.pop()()
        result = self._query(sql, parameters, timeout_s=timeout_s)
        while is_question and self.after:
            self.after.pop()()
        return result

    def resend(self, calls: list[PricedCall] | None = None) -> None:
        again = calls or self.calls
        with self.rollup.writing({self.project: starts(again)}):
            write(self.engine, self.project, again)

    def totals(self) -> tuple[int, str]:
        pairs = [("from", rfc3339(AT)), ("to", rfc3339(AT + CALLS * HALF_NS)), ("tag.none", "!x")]
        total = run.spend(self.engine, self.rollup, self.project, pairs, AT)["total"]
        return total["calls"], total["cost_usd"]


@pytest.fixture
def asked(telemetry_engine: Engine, monkeypatch: pytest.MonkeyPatch) -> Asked:
    return Asked(telemetry_engine, monkeypatch)


def test_a_quiet_store_is_read_once_and_as_it_stands(asked: Asked) -> None:
    assert asked.totals() == (CALLS, COST)
    assert asked.read == [True]


def test_calls_are_written_again_before_the_reading(asked: Asked) -> None:
    asked.before.append(asked.resend)
    assert asked.totals() == (CALLS, COST)
    assert asked.read == [True, False]


def test_calls_become_visible_before_the_reading_and_are_told_after_it(asked: Asked) -> None:
    writing = asked.rollup.writing({asked.project: starts(asked.calls)})

    def begin() -> None:
        writing.__enter__()
        write(asked.engine, asked.project, asked.calls)

    asked.before.append(begin)
    asked.after.append(lambda: writing.__exit__(None, None, None))
    assert asked.totals() == (CALLS, COST)
    assert asked.read == [True, False]


def test_one_call_is_written_again_between_reading_and_answering(asked: Asked) -> None:
    asked.after.append(lambda: asked.resend(asked.calls[:1]))
    assert asked.totals() == (CALLS, COST)
    assert asked.read == [True, False]


def test_a_held_revision_becomes_visible_before_the_reading(asked: Asked) -> None:
    def held() -> None:
        asked.rollup.hold(7)
        write(asked.engine, asked.project, asked.calls)
        asked.rollup.touch(asked.project, starts(asked.calls))
        asked.rollup.release(7)

    asked.before.append(held)
    assert asked.totals() == (CALLS, COST)
    assert asked.read == [True, False]


def test_a_bucket_is_made_of_half_hours_while_they_are_written_again(asked: Asked) -> None:
    asked.rollup.touch(asked.project, starts(asked.calls))
    asked.rollup.refresh(1e10, everything=True)
    more = [stored_call(AT + 5)]
    asked.before.append(lambda: asked.resend(more))
    total, _ = asked.totals()
    assert total in (CALLS, CALLS + 1)
    assert asked.totals() == (CALLS + 1, "0.021")
    asked.rollup.refresh(1e10, everything=True)
    assert asked.totals() == (CALLS + 1, "0.021")


def test_writers_and_lookers_of_their_own_never_change_an_answer(asked: Asked) -> None:
    written = threading.Event()

    def write_again() -> None:
        for number in range(12):
            asked.resend([asked.calls[number % CALLS]])
        written.set()

    def look() -> None:
        while not written.is_set():
            asked.engine.command("OPTIMIZE TABLE calls FINAL")
            asked.rollup.singles.look(1e10, everything=True)

    others = [threading.Thread(target=work) for work in (write_again, look)]
    for thread in others:
        thread.start()
    found = {asked.totals()}
    while not written.is_set():
        found.add(asked.totals())
    for thread in others:
        thread.join()
    found.add(asked.totals())
    assert found == {(CALLS, COST)}
