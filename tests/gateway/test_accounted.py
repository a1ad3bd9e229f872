"""Calls that are over, worked out here and in the process beside this one: the same rows, and the same to be settled."""

import os
import select
import signal
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future
from typing import Any

import pytest

from farthing.beside import Beside
from farthing.gateway import telling
from farthing.gateway.accounted import Outcome, account, batch
from farthing.gateway.records import Attempt, Passed, Record, spans
from farthing.gateway.telling import Telling, Told
from farthing.prepare import Prepared, Sender, make_rows_now
from farthing.pricing.snapshot import Snapshot, Terms

SENDER = Sender("p", "k")
STARTED_WITHIN_S = 30.0
NOW_NS = 1_795_000_000 * 10**9
CALLS = 150


class Fixed:
    """Prices that stay."""

    current = Snapshot(Terms())


class Noticed:
    """The same prices, asked for when calls are about to be worked out."""

    def __init__(self) -> None:
        self.are_asked_for = threading.Event()

    @property
    def current(self) -> Snapshot:
        self.are_asked_for.set()
        return Fixed.current


@pytest.fixture
def beside() -> Iterator[Beside]:
    made = Beside(("farthing.gateway.accounted",))
    yield made
    made.close()


def record(number: int, trace: int = 0, **more: Any) -> Record:
    name = f"{number:032x}"
    call = Passed(
        name, f"request {number}", "p", "k", f"{trace or number:032x}", "", NOW_NS + number, "chat",
        {"user_id": f"u{number % 7}", "metadata": {"n": number, "share": 0.1 * number}},
    )  # fmt: skip
    usage = f'{{"prompt_tokens":{number},"completion_tokens":7}}'
    told: dict[str, Any] = {"status": 200, "usage": usage, "response_id": f"r{number}", "finish": ["stop"], **more}
    return Record(call, [Attempt(name, 1, "openai", "openai", "gpt-4o-mini", NOW_NS, NOW_NS + 9, **told)])


def mixed() -> list[Record]:
    """Plain calls, and such as failed, were cut off, share a trace, or have several attempts."""
    failed = record(901, status=500, usage="", error="server_error")
    cut = record(902, usage="", error="upstream_cut")
    again = record(903)
    again.attempts.insert(
        0, Attempt(again.call.id, 2, "openai", "openai", "gpt-4o", NOW_NS, NOW_NS + 1, error="upstream_cut")
    )
    return [*(record(n) for n in range(1, CALLS)), record(904, 77_777), record(905, 77_777), failed, cut, again]  # fmt: skip


def make_ready(beside: Beside) -> int:
    """Until the process has done something; its process id."""
    give_up = time.monotonic() + STARTED_WITHIN_S
    while time.monotonic() < give_up:
        beside.want()
        beside.do(batch(SENDER, [record(1)]), Fixed.current)
        if beside.process_id:
            return beside.process_id
    pytest.fail("no process was ready in time")


def here(records: list[Record]) -> tuple[Prepared, list[Outcome | None]]:
    made = account(SENDER, records, [span for one in records for span in spans(one)], Fixed.current)
    make_rows_now(made.prepared)
    return made.prepared, made.outcomes


def test_both_places_tell_the_same(beside: Beside) -> None:
    records = mixed()
    records[0].call.attributes["metadata"] |= {"huge": 10**25, "flag": True, "odd": "\u2028\U0001f600"}
    expected, outcomes = here(records)
    make_ready(beside)
    made = beside.do(batch(SENDER, records), Fixed.current)
    assert made is not None
    assert made.outcomes == outcomes
    assert made.prepared.spans == expected.spans
    assert made.prepared.calls == expected.calls
    assert made.prepared.pieces == expected.pieces
    assert made.prepared.others == expected.others


def test_what_calls_came_to() -> None:
    outcomes = here(mixed())[1]
    assert outcomes[0] == Outcome(0, 1 * 15 * 10**16 + 7 * 60 * 10**16)
    assert outcomes[CALLS - 1 : CALLS + 1] == [None, None]  # they share a trace
    assert outcomes[CALLS + 1 :] == [Outcome(0, 0), Outcome(1, 0), Outcome(1, 903 * 15 * 10**16 + 7 * 60 * 10**16)]


class Ledger:
    """A pipeline that keeps what it is given, and a journal that forgets."""

    def __init__(self) -> None:
        self.kept: list[Prepared] = []
        self.forgotten: list[str] = []
        self.is_all_there = threading.Event()

    def keep_prepared(self, prepared: Prepared, *, more_coming: bool) -> "Future[None]":
        assert not more_coming
        self.kept.append(prepared)
        done: Future[None] = Future()
        done.set_result(None)
        return done

    def left(self) -> list[Record]:
        return []

    def forget(self, call_id: str) -> None:
        self.forgotten.append(call_id)
        if len(self.forgotten) == CALLS:
            self.is_all_there.set()


@pytest.mark.skipif(sys.platform != "linux", reason="waits for the process's end by pidfd")
@pytest.mark.parametrize("ends", ["never", "before", "while it works"])
def test_calls_are_told_whatever_becomes_of_the_process(
    beside: Beside, monkeypatch: pytest.MonkeyPatch, ends: str
) -> None:
    monkeypatch.setattr(telling, "MUCH", CALLS)
    process_id = make_ready(beside)
    is_killed = ends != "never"
    if ends == "before":
        process = os.pidfd_open(process_id)
        os.kill(process_id, signal.SIGKILL)
        assert select.select([process], [], [], STARTED_WITHIN_S)[0]
        os.close(process)
    elif is_killed:
        os.kill(process_id, signal.SIGSTOP)  # it takes the calls, and gets no further
    ledger: Any = Ledger()
    outcomes: dict[int, Outcome | None] = {}
    prices = Noticed()
    tells = Telling(ledger, ledger, prices, beside, lambda _: None, lambda: None)
    tells.start()
    records = [record(number) for number in range(1, CALLS + 1)]
    tells.tell(
        Told(one, priced=lambda found, number=number: outcomes.update({number: found}))
        for number, one in enumerate(records, 1)
    )
    if ends == "while it works":
        assert prices.are_asked_for.wait(STARTED_WITHIN_S)
        os.kill(process_id, signal.SIGKILL)
    assert ledger.is_all_there.wait(STARTED_WITHIN_S)
    tells.close(STARTED_WITHIN_S)
    (kept,) = ledger.kept
    assert (beside.process_id is None) == is_killed
    # Rows that wait for others' are made here.
    assert (kept.calls is None) == is_killed
    if kept.calls is None:
        make_rows_now(kept)
    expected, told = here(records)
    assert (kept.spans, kept.calls) == (expected.spans, expected.calls)
    assert [outcomes[number] for number in range(1, CALLS + 1)] == told
    assert ledger.forgotten == [one.call.id for one in records]
