"""Projects that share names of sessions and users, and ids of traces: none sees another's; aggregates make no difference."""

import time
from typing import Any

import pytest
from stored_calls import new_project, starts, stored_call, write

from farthing.errors import NotFoundError
from farthing.query import one_trace, run, sessions
from farthing.query.sessions import SESSION, USER
from farthing.store.telemetry.engine import Engine
from farthing.store.telemetry.rollup import Density, Rollup

DAY = 1_790_000_000 - 1_790_000_000 % 86_400
NOW = (DAY + 2 * 86_400) * 10**9
RANGE = (("from", str(DAY)), ("to", str(DAY + 86_400)))

Json = dict[str, Any]


def filled(engine: Engine, rollup: Rollup, usd: str) -> str:
    """A project with forty calls of two users in four sessions, each of this price."""
    project = new_project()
    calls = [
        stored_call(
            (DAY + 1_800 * number) * 10**9,
            number + 1,
            trace=number // 2 + 1,
            usd=(usd, "0"),
            user_id=f"u{number % 2}",
            session_id=f"s{number % 4}",
        )
        for number in range(40)
    ]
    write(engine, project, calls)
    rollup.touch(project, starts(calls))
    return project


@pytest.mark.parametrize("refreshed", [False, True])
def test_a_project_sees_its_own_alone(telemetry_engine: Engine, refreshed: bool) -> None:
    engine = telemetry_engine
    rollup = Rollup(engine, Density(0, 0, 0))
    cheap, dear = filled(engine, rollup, "0.001"), filled(engine, rollup, "0.7")
    if refreshed:
        rollup.refresh(time.time(), everything=True)
    for project, of_user, of_session in ((cheap, "0.02", "0.01"), (dear, "14", "7")):
        users = sessions.page(engine, rollup, USER, project, RANGE, NOW)["data"]
        assert [(u["user_id"], u["calls"], u["cost_usd"]) for u in users] == [("u1", 20, of_user), ("u0", 20, of_user)]
        listed = sessions.page(engine, rollup, SESSION, project, RANGE, NOW)["data"]
        assert [(s["session_id"], s["cost_usd"]) for s in listed] == [(f"s{n}", of_session) for n in (3, 2, 1, 0)]
        one = sessions.one_session(engine, rollup, project, "s3", RANGE, NOW)
        assert (one["cost_usd"], len(one["traces"]["data"])) == (of_session, 10)
        assert {t["cost_usd"] for t in one["traces"]["data"]} == {run_of(engine, rollup, project)}
        user = sessions.one_user(engine, rollup, project, "u1", RANGE, NOW)
        assert (user["cost_usd"], user["session_count"], len(user["sessions"]["data"])) == (of_user, 2, 2)


def run_of(engine: Engine, rollup: Rollup, project: str) -> str:
    """What one call costs: the total of the first half hour."""
    first = (("from", str(DAY)), ("to", str(DAY + 1_800)))
    return run.spend(engine, rollup, project, first, NOW)["total"]["cost_usd"]


def test_what_only_another_project_has_is_not_there(telemetry_engine: Engine) -> None:
    engine, rollup = telemetry_engine, Rollup(telemetry_engine)
    filled(engine, rollup, "1")
    stranger = new_project()
    assert sessions.page(engine, rollup, SESSION, stranger, RANGE, NOW) == {"data": [], "next_cursor": None}
    assert sessions.page(engine, rollup, USER, stranger, RANGE, NOW) == {"data": [], "next_cursor": None}
    with pytest.raises(NotFoundError):
        sessions.one_session(engine, rollup, stranger, "s1", RANGE, NOW)
    with pytest.raises(NotFoundError):
        sessions.one_user(engine, rollup, stranger, "u1", RANGE, NOW)
    with pytest.raises(NotFoundError):
        one_trace.one_trace(engine, stranger, f"{1:032x}", ())
