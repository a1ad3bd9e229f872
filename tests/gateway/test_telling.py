"""Calls that are over, told together: worked out as they come, kept in one commit, again where the store was away, and each by itself where one can't."""

import logging
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

import pytest

from farthing.beside import Beside
from farthing.errors import StoreError
from farthing.gateway import telling
from farthing.gateway.accounted import Outcome
from farthing.gateway.records import Attempt, Passed, Record
from farthing.gateway.telling import Telling, Told
from farthing.prepare import Prepared
from farthing.pricing.snapshot import Snapshot, Terms

WITHIN_S = 30.0
NOW_NS = 1_795_000_000 * 10**9
PART = 50


class Fixed:
    """Prices that stay."""

    def __init__(self) -> None:
        self.current = Snapshot(Terms())


class Store:
    """A pipeline and a journal: keeps what it is given unless it is told to fail, and remembers who was told what."""

    def __init__(self, fails: Callable[[int], Exception | None] = lambda _: None) -> None:
        self.fails = fails
        self.asked: list[tuple[int, bool]] = []
        """How many calls each time, and whether more were coming."""
        self.kept: list[str] = []
        self.forgotten: list[str] = []
        self.outcomes: dict[str, Outcome | None] = {}
        self._changed = threading.Condition()

    def keep_prepared(self, prepared: Prepared, *, more_coming: bool) -> "Future[None]":
        self.asked.append((len(prepared.pieces), more_coming))
        done: Future[None] = Future()
        if (error := self.fails(len(self.asked))) is not None:
            done.set_exception(error)
        else:
            done.set_result(None)
        return done

    def left(self) -> list[Record]:
        return []

    def forget(self, call_id: str) -> None:
        with self._changed:
            self.forgotten.append(call_id)
            self._changed.notify_all()

    def told(self, number: int) -> Told:
        call = record(number)

        def priced(outcome: Outcome | None) -> None:
            with self._changed:
                self.outcomes[call.call.id] = outcome
                self._changed.notify_all()

        return Told(call, lambda: self.kept.append(call.call.id), priced)

    def wait(self, until: Callable[[], bool]) -> None:
        with self._changed:
            assert self._changed.wait_for(until, WITHIN_S)


def record(number: int) -> Record:
    name = f"{number:032x}"
    call = Passed(name, f"request {number}", "p", "k", name, "", NOW_NS + number, "chat", {})
    usage = f'{{"prompt_tokens":{number},"completion_tokens":7}}'
    told: dict[str, Any] = {"status": 200, "usage": usage, "response_id": f"r{number}", "finish": ["stop"]}
    return Record(call, [Attempt(name, 1, "openai", "openai", "gpt-4o-mini", NOW_NS, NOW_NS + 9, **told)])


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (("PART", PART), ("ENOUGH", 10), ("MUCH", 10**6), ("RETRY_SECONDS", 0.0)):
        monkeypatch.setattr(telling, name, value)


def telling_to(store: Any) -> Telling:
    return Telling(store, store, Fixed(), Beside(()), lambda _: None, lambda: None)


def names(first: int, last: int) -> list[str]:
    return [f"{number:032x}" for number in range(first, last + 1)]


def test_calls_are_worked_out_as_they_come_and_kept_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(telling, "REST_SECONDS", 3_600.0)
    store = Store()
    tells = telling_to(store)
    tells.start()
    tells.tell([store.told(number) for number in range(1, 21)])
    store.wait(lambda: len(store.forgotten) == 20)
    # From here on no commit is made for an hour, unless there are very many, or the server stops.
    tells.tell([store.told(number) for number in range(21, 21 + 2 * PART)])
    store.wait(lambda: len(store.outcomes) == 20 + 2 * PART)
    tells.tell([store.told(200)])
    assert store.asked == [(20, False)]
    tells.close(WITHIN_S)
    assert store.asked == [(20, False), (PART, True), (PART, True), (1, False)]
    assert store.forgotten == store.kept == [*names(1, 20 + 2 * PART), *names(200, 200)]
    assert store.outcomes[names(200, 200)[0]] == Outcome(0, 200 * 15 * 10**16 + 7 * 60 * 10**16)


def test_very_many_don_t_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(telling, "REST_SECONDS", 3_600.0)
    monkeypatch.setattr(telling, "MOST_TOGETHER", 3 * PART)
    store = Store()
    tells = telling_to(store)
    tells.tell([store.told(number) for number in range(1, 6 * PART + 1)])
    tells.start()
    store.wait(lambda: len(store.forgotten) >= 4 * PART)
    # The first part at once, for nobody has just made a commit; the others three by three.
    assert store.asked == [(PART, False), (PART, True), (PART, True), (PART, False)]
    tells.close(WITHIN_S)
    assert store.forgotten == names(1, 6 * PART)


def test_what_the_store_did_not_take_is_kept_later_and_once(caplog: pytest.LogCaptureFixture) -> None:
    store = Store(lambda nth: StoreError("The store is away.") if nth in (1, 3) else None)
    tells = telling_to(store)
    tells.tell([store.told(number) for number in range(1, 2 * PART + 1)])
    with caplog.at_level(logging.WARNING):
        tells.start()
        store.wait(lambda: len(store.forgotten) == 2 * PART)
    assert not tells.is_failing
    tells.close(WITHIN_S)
    assert sorted(store.forgotten) == sorted(store.kept) == names(1, 2 * PART)
    assert any("wait to be told: The store is away." in line for line in caplog.messages)


def test_a_store_that_stays_away_is_told_of_and_holds_nobody_up() -> None:
    store = Store(lambda _: StoreError("The store is away."))
    tells = telling_to(store)
    tells.tell([store.told(number) for number in range(1, 12 * PART + 1)])
    tells.start()
    store.wait(lambda: len(store.outcomes) >= PART)
    tells.close(WITHIN_S)
    assert tells.is_failing
    assert store.forgotten == []


def test_one_batch_that_fails_oddly_stops_no_other(caplog: pytest.LogCaptureFixture) -> None:
    store = Store(lambda nth: RuntimeError("odd") if nth == 1 else None)
    tells = telling_to(store)
    tells.tell([store.told(number) for number in range(1, 2 * PART + 1)])
    tells.start()
    store.wait(lambda: len(store.forgotten) == PART)
    tells.close(WITHIN_S)
    assert store.forgotten == names(PART + 1, 2 * PART)
    assert any("50 calls of project p can't be kept" in line for line in caplog.messages)


def test_who_fails_to_hear_keeps_nobody_from_hearing() -> None:
    def fails(*_: Any) -> None:
        raise ValueError

    store = Store()
    tells = telling_to(store)
    tells.tell([Told(record(1), fails, fails), *(store.told(number) for number in range(2, 21))])
    tells.start()
    store.wait(lambda: len(store.forgotten) == 20)
    tells.close(WITHIN_S)
    assert store.kept == names(2, 20)
