"""A server that is killed again and again: whatever it acknowledged is there afterwards, once, and rightly attributed."""

import random
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from e2e.accounts import assert_once, spend
from e2e.cut_traces import batches
from e2e.senders import Applications, send
from e2e.waiting import until, wait_until_settled
from server_process import ServerProcess

MOST_ACKNOWLEDGEMENTS = 25
SETTLED_WITHIN_S = 30
LONGEST_START_S = 1.5

Kill = Callable[["Applications", ServerProcess, random.Random], None]


def under_load(applications: Applications, server: ServerProcess, chance: random.Random) -> None:
    server.start()
    applications.start()
    applications.book.wait_for(chance.randint(1, MOST_ACKNOWLEDGEMENTS))
    server.kill()


def while_settling(applications: Applications, server: ServerProcess, chance: random.Random) -> None:
    server.start()
    applications.start()
    applications.book.wait_for(chance.randint(1, MOST_ACKNOWLEDGEMENTS))
    applications.stop()
    applications.join()
    server.kill()


def when_calls_were_seen(applications: Applications, server: ServerProcess, chance: random.Random) -> None:
    server.start()
    before = spend(server)["calls"]
    applications.start()
    applications.book.wait_for(chance.randint(1, MOST_ACKNOWLEDGEMENTS))
    until(lambda: spend(server)["calls"] > before, SETTLED_WITHIN_S)
    server.kill()


def right_after_the_start(applications: Applications, server: ServerProcess, _: random.Random) -> None:
    server.start()
    applications.start()
    server.kill()


def while_starting(_: Applications, server: ServerProcess, chance: random.Random) -> None:
    process = server.launch(cold=chance.random() < 0.5)
    with pytest.raises(subprocess.TimeoutExpired):  # or it ended by itself
        process.wait(chance.uniform(0.1, LONGEST_START_S))
    server.kill()


KILLS: tuple[tuple[Kill, int], ...] = (
    (under_load, 6),
    (while_settling, 4),
    (when_calls_were_seen, 4),
    (right_after_the_start, 2),
    (while_starting, 2),
)
"""How it is killed, and how often of 18 times."""


@pytest.mark.timeout(300)
def test_what_is_acknowledged_survives_any_kill(tmp_path: Path, crash_rounds: int, crash_seed: int) -> None:
    chance = random.Random(crash_seed)
    server = ServerProcess(tmp_path)
    applications = Applications(server, crash_seed)
    kills = [kill for kill, weight in KILLS for _ in range(weight)]
    try:
        for _ in range(crash_rounds):
            chance.choice(kills)(applications, server, chance)
            applications.join()
        server.start()
        kept, unanswered = applications.book.acknowledged, applications.unanswered()
        wait_until_settled(server)
        assert_once(server, kept, unanswered)
        send(server, unanswered + chance.sample(kept, len(kept) // 3))
        wait_until_settled(server)
        assert_once(server, kept + unanswered, [])
        assert server.stop() == 0
        server.start()
        assert_once(server, kept + unanswered, [])
    except BaseException as error:
        error.add_note(f"repeat with --crash-rounds {crash_rounds} --crash-seed {crash_seed}")
        raise
    finally:
        applications.stop()
        server.kill()


@pytest.mark.parametrize("part", range(4))
def test_a_first_start_may_be_killed_at_any_moment(tmp_path: Path, part: int) -> None:
    server = ServerProcess(tmp_path)
    process = server.launch(cold=part % 2 == 0)
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(random.uniform(part, part + 1) * LONGEST_START_S / 4)
    server.kill()
    try:
        server.start()
        sent = next(batches(part, time.time_ns()))
        send(server, sent)
        wait_until_settled(server)
        assert_once(server, sent, [])
    finally:
        server.kill()


@pytest.fixture
def crash_rounds(request: pytest.FixtureRequest) -> int:
    number: int | None = request.config.getoption("--crash-rounds")
    assert number
    return number


@pytest.fixture
def crash_seed(request: pytest.FixtureRequest) -> int:
    seed: int | None = request.config.getoption("--crash-seed")
    return random.randrange(10**6) if seed is None else seed
