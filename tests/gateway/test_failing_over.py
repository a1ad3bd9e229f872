"""An account that fails again and again in; it is asked last until it may be well again."""

from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest
from e2e.odd_provider import ANSWERS, JSON, OddProvider, whole
from gateway.open_admission import Open
from gateway.test_answering import Gate
from gateway.test_passage import odd
from msgspec.structs import replace
from stub_provider import StubProvider

from farthing.gateway import answering, passage
from farthing.gateway.admission import Ticket, Wanted
from farthing.gateway.circuit import FAILURES
from farthing.gateway.records import INTERRUPTED
from farthing.routing.plan import Guard, Plan, Retries, Strategy, Target


@pytest.fixture
def gate(tmp_path: Path) -> Generator[Gate]:
    with StubProvider() as provider:
        made = Gate(provider, tmp_path)
        yield made
        made.close()


@pytest.mark.parametrize("strategy", list(Strategy))
def test_whoever_fails_often_is_asked_last(gate: Gate, strategy: Strategy) -> None:
    with OddProvider() as bad:
        failing = Target(odd(bad, "broken"), "gpt-4o", 10_000)
        good, spare = Target(gate.account, "gpt-4o", 1), Target(gate.account, "gpt-4o-mini", 0)
        plan = Plan((failing, good, spare), strategy)
        asked: list[list[str]] = []
        for _ in range(FAILURES + 20):
            told = gate.by(plan)
            assert told.status == 200
            assert told.record
            asked.append([one.account for one in told.record.attempts])
        # Of those that share, now and then the good one comes first, and nobody fails.
        tries = [one[0] for one in asked if one[0] == "broken"]
        assert len(tries) == FAILURES
        assert asked[-1] == ["good"]
        # Where there is nobody else it is asked nevertheless.
        assert gate.by(Plan((failing,))).status == 500


def test_a_provider_that_repeats_what_it_refuses_is_still_asked_for_usage(gate: Gate) -> None:
    with OddProvider() as bad:
        echoing = replace(odd(bad, "repeating"), id="one")
        refused = gate.by(Plan((Target(echoing, ""),)), stream=True)
        assert refused.status == 422
        assert refused.record
        assert len(refused.record.attempts) == 1
    well = replace(gate.account, id="one")
    assert gate.by(Plan((Target(well, ""),)), stream=True).status == 200
    assert gate.provider.requests[-1][1]["stream_options"] == {"include_usage": True}


@pytest.mark.parametrize("after", [b"retry-after: 9\r\n", b"retry-after: Fri, 31 Dec 2100 23:59:59 GMT\r\n"])
def test_a_provider_that_wants_to_be_left_alone_is(gate: Gate, monkeypatch: pytest.MonkeyPatch, after: bytes) -> None:
    monkeypatch.setitem(ANSWERS, "limited", whole(b"429 Too Many Requests", b"{}", JSON + after))
    waited: list[float] = []

    async def sleep(seconds: float) -> None:
        waited.append(seconds)

    monkeypatch.setattr(passage.asyncio, "sleep", sleep)
    with OddProvider() as bad:
        plan = Plan((Target(odd(bad, "limited"), ""),), retries=Retries(2, longest_s=8.0))
        assert gate.by(plan).status == 429
    assert 8.0 in waited


@pytest.mark.parametrize("after", [b"Fri, 31 Dec 2100 23:59:59 +9999999999999999999", b"nan", b"-1", b"soon", b"\xb2"])
def test_a_provider_that_makes_no_sense_of_time_is_asked_again(
    gate: Gate, monkeypatch: pytest.MonkeyPatch, after: bytes
) -> None:
    monkeypatch.setitem(
        ANSWERS, "limited", whole(b"429 Too Many Requests", b"{}", JSON + b"retry-after: %b\r\n" % after)
    )
    with OddProvider() as bad:
        told = gate.by(Plan((Target(odd(bad, "limited"), ""),), retries=Retries(3, base_s=0.0)))
    assert (told.status, told.record and len(told.record.attempts)) == (429, 3)


def test_an_answer_without_end_is_not_held_for_a_guard(gate: Gate, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answering, "MOST_READ", 1 << 20)
    guard = Guard("words", "regex", "response", "block", {"pattern": "secret"})
    with OddProvider() as bad:
        told = gate.by(Plan((Target(odd(bad, "endless-json"), ""),), guards=(guard,)))
        assert (told.status, told.code) == (400, "guard_blocked")
        assert told.record
        assert [(one.error, one.usage) for one in told.record.attempts] == [(INTERRUPTED, "")]
        assert bad.left.wait(10)


class NoRoom(Open):
    """A budget without room for a second attempt that may be charged."""

    async def admit(self, wanted: Wanted) -> Ticket:
        ticket: Any = await super().admit(wanted)

        class Once(ticket.__class__):
            async def once_more(self) -> bool:
                return False

        return Once(ticket.plan)


def test_after_an_attempt_that_may_be_charged_another_needs_room(gate: Gate) -> None:
    gate.gateway._admission = NoRoom()  # pyright: ignore[reportPrivateUsage]
    with OddProvider() as bad:
        good = Target(gate.account, "gpt-4o")
        refused, cut = (Target(odd(bad, way), "gpt-4o") for way in ("broken", "silent"))
        assert gate.by(Plan((refused, good))).status == 200
        told = gate.by(Plan((cut, good)))
    assert (told.status, told.code) == (502, "upstream_cut")
    assert told.record
    assert [one.error for one in told.record.attempts] == ["upstream_cut"]
