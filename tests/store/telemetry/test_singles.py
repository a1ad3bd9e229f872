"""Rows written, held back, replaced and merged in; a half hour is read as it stands only while no call has two rows there."""

from datetime import UTC, datetime

import pytest
from stored_calls import new_project, starts, stored_call, write

from farthing.query import run
from farthing.query.moments import rfc3339
from farthing.store.telemetry.engine import Engine
from farthing.store.telemetry.rollup import Rollup
from farthing.store.telemetry.singles import AGAIN_S, SETTLING_S, Known

DAY = int(datetime(2026, 9, 1, tzinfo=UTC).timestamp())
HALF = 1_800
FIRST, SECOND = DAY, DAY + HALF


class Kept:
    """A store of one project with a call in each of two half hours, looked through."""

    def __init__(self, engine: Engine) -> None:
        self.engine, self.project, self.now = engine, new_project(), 1e9
        self.calls = [stored_call(at * 10**9 + 5) for at in (FIRST, SECOND)]
        write(engine, self.project, self.calls)
        self.rollup = Rollup(engine)
        self.rollup.recover()
        self.rollup.singles.look(self.now, everything=True)

    def known(self) -> Known:
        return self.rollup.singles.known(self.project, DAY, DAY + 86_400)

    def holds(self) -> list[bool]:
        known = self.known()
        return [known.holds(half) for half in (FIRST, SECOND)]

    def calls_told(self) -> int:
        pairs = [("from", rfc3339(DAY * 10**9)), ("to", rfc3339((DAY + 86_400) * 10**9)), ("tag.none", "!x")]
        return run.spend(self.engine, self.rollup, self.project, pairs, DAY * 10**9)["total"]["calls"]


@pytest.fixture
def kept(telemetry_engine: Engine) -> Kept:
    return Kept(telemetry_engine)


def test_nothing_is_known_before_a_look(kept: Kept) -> None:
    fresh = Rollup(kept.engine)
    assert not fresh.singles.known(kept.project, DAY, DAY + HALF).holds(FIRST)
    assert kept.holds() == [True, True]
    assert kept.known().holds(DAY + 10 * HALF)
    assert kept.rollup.singles.known("nobody", DAY, DAY + HALF).holds(FIRST)


def test_a_replaced_row_is_noticed_until_it_is_merged_away(kept: Kept) -> None:
    with kept.rollup.writing({kept.project: starts(kept.calls[:1])}):
        assert kept.holds() == [False, True]
        kept.rollup.singles.look(kept.now, everything=True)
        assert kept.holds() == [False, True]
        write(kept.engine, kept.project, kept.calls[:1])
    assert kept.holds() == [False, True]
    assert kept.calls_told() == 2
    kept.rollup.singles.look(kept.now, everything=True)
    assert kept.holds() == [False, True]
    assert kept.calls_told() == 2
    kept.engine.command("OPTIMIZE TABLE calls FINAL")
    kept.rollup.singles.look(kept.now + AGAIN_S, everything=True)
    assert kept.holds() == [True, True]
    assert kept.calls_told() == 2


def test_a_new_row_is_looked_through_when_it_has_settled(kept: Kept) -> None:
    fresh = [stored_call(FIRST * 10**9 + 7)]
    with kept.rollup.writing({kept.project: starts(fresh)}):
        write(kept.engine, kept.project, fresh)
    kept.rollup.singles.look(0.0)
    assert kept.holds() == [False, True]
    kept.rollup.singles.look(1e12 + SETTLING_S, everything=True)
    assert kept.holds() == [True, True]
    assert kept.calls_told() == 3


def test_whoever_read_learns_that_somebody_wrote_meanwhile(kept: Kept) -> None:
    singles = kept.rollup.singles
    known = kept.known()
    assert singles.stands(kept.project, known, [FIRST, SECOND])
    with kept.rollup.writing({kept.project: starts(kept.calls[:1])}):
        assert not singles.stands(kept.project, known, [FIRST])
        assert singles.stands(kept.project, known, [SECOND])
    singles.look(kept.now, everything=True)
    assert not singles.stands(kept.project, known, [FIRST])
    assert singles.stands(kept.project, kept.known(), [FIRST])


def test_held_revisions_put_everything_in_doubt(kept: Kept) -> None:
    singles = kept.rollup.singles
    known = kept.known()
    kept.rollup.hold(7)
    assert kept.holds() == [False, False]
    assert not singles.stands(kept.project, known, [SECOND])
    kept.rollup.release(7)
    assert kept.holds() == [True, True]
    assert not singles.stands(kept.project, known, [SECOND])
    kept.rollup.hold(8)
    kept.rollup.release(8, failed=True)
    assert kept.holds() == [False, False]
    singles.look(kept.now, everything=True)
    assert kept.holds() == [True, True]


def test_a_write_that_fails_is_never_trusted_again(kept: Kept) -> None:
    def fails() -> None:
        with kept.rollup.writing({kept.project: starts(kept.calls[:1])}):
            raise OSError("gone")

    with pytest.raises(OSError, match="gone"):
        fails()
    kept.rollup.singles.look(kept.now, everything=True)
    assert kept.holds() == [False, True]
    assert kept.calls_told() == 2
