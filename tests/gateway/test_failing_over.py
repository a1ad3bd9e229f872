"""An account that fails again and again in; it is asked last until it may be well again."""

from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest
from e2e.odd_provider import OddProvider
from gateway.open_admission import Open
from gateway.test_answering import Gate
from gateway.test_passage import odd
from stub_provider import StubProvider

from farthing.gateway.admission import Ticket, Wanted
from farthing.gateway.circuit import FAILURES
from farthing.routing.plan import Plan, Strategy, Target


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
