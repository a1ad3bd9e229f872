"""Calls of several days, late ones, starts and other servers in; which aggregates hold and what they then tell out."""

from stored_calls import new_project, starts, stored_call, write

from farthing.query import run
from farthing.query.moments import rfc3339
from farthing.store.telemetry.cuts import DAY, FIVE_DAYS, fitting
from farthing.store.telemetry.engine import Engine
from farthing.store.telemetry.rollup import Density, Rollup

FIRST = 4_000_000_000 // FIVE_DAYS.seconds * FIVE_DAYS.seconds
"""Far from now, so that the clock of who writes is of no matter."""
END = FIRST + 7 * DAY.seconds
BY_DAY = Density(0, 1_000, 0)
"""Cuts that exist by day only, and no others: there are fewer to recompute."""

USERS = fitting(["user_id"])


class Server:
    """One of those that ask a store about a project, and keep its aggregates."""

    def __init__(self, engine: Engine, project: str) -> None:
        self.engine, self.project = engine, project
        self.rollup = Rollup(engine, BY_DAY)
        self.rollup.recover()

    def write(self, day: int, user: str = "ann") -> None:
        made = [stored_call((FIRST + day * DAY.seconds + 7) * 10**9, user_id=user)]
        with self.rollup.writing({self.project: starts(made)}):
            write(self.engine, self.project, made)

    def refresh(self, day: float) -> None:
        self.rollup.refresh(FIRST + day * DAY.seconds)

    def holds(self) -> bool:
        """Whether what users did in the five days may be read as one bucket."""
        assert USERS
        return self.rollup.coverage(self.project, FIRST, END).holds(USERS, FIVE_DAYS, FIRST)

    def users(self) -> dict[str, int]:
        pairs = [
            ("from", rfc3339(FIRST * 10**9)),
            ("to", rfc3339(END * 10**9)),
            ("by", "user"),
            ("granularity", "none"),
        ]
        answer = run.spend(self.engine, self.rollup, self.project, pairs, END * 10**9)
        assert answer["total"]["calls"] == sum(group["calls"] for group in answer["groups"])
        return {group["user"]: group["calls"] for group in answer["groups"]}


def _server(engine: Engine, days: range) -> Server:
    server = Server(engine, new_project())
    for day in days:
        server.write(day)
    return server


def test_five_days_are_made_when_they_are_over_and_hold_until_one_is_touched(telemetry_engine: Engine) -> None:
    server = _server(telemetry_engine, range(7))
    server.refresh(4.9)  # nobody has written for years, so the fifth day is made
    assert (server.holds(), server.users()) == (False, {"ann": 7})
    server.refresh(5.1)
    assert (server.holds(), server.users()) == (True, {"ann": 7})
    server.write(3, "bob")
    assert (server.holds(), server.users()) == (False, {"ann": 7, "bob": 1})
    server.refresh(6.1)  # the day, of which the five are made in the next round
    assert (server.holds(), server.users()) == (False, {"ann": 7, "bob": 1})
    server.refresh(6.2)
    assert (server.holds(), server.users()) == (True, {"ann": 7, "bob": 1})


def test_five_days_are_made_of_whole_days_only_and_those_that_are_missing_after_a_start(
    telemetry_engine: Engine,
) -> None:
    server = _server(telemetry_engine, range(4))
    server.refresh(8)
    server.refresh(9)
    assert (server.holds(), server.users()) == (False, {"ann": 4})
    server.write(4)
    server.refresh(10)
    server.rollup.save()
    # As if it had been written by a version that knew nothing of five days.
    again = Server(telemetry_engine, server.project)
    again.refresh(11)
    again.refresh(12)
    assert (again.holds(), again.users()) == (True, {"ann": 5})


def test_of_two_servers_the_one_that_recomputed_last_is_right(telemetry_engine: Engine) -> None:
    busy = _server(telemetry_engine, range(1))
    other = Server(telemetry_engine, busy.project)
    for day in (8, 9, 10):
        busy.write(0)
        busy.refresh(day)
    other.write(0, "bob")
    other.refresh(11)
    assert busy.users() == other.users() == {"ann": 4, "bob": 1}
    busy.write(0)
    busy.refresh(12)
    assert busy.users() == other.users() == {"ann": 5, "bob": 1}
