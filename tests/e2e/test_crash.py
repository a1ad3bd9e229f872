"""A server that is killed again and again: whatever it acknowledged is there afterwards, once, and rightly attributed."""

import random
import subprocess
import time
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from e2e.cut_traces import Batch, SentCall, batches
from e2e.senders import Book, Sender
from e2e.waiting import until, wait_until_settled
from server_process import ServerProcess

SENDERS = 4
MOST_ACKNOWLEDGEMENTS = 25
SINCE = "now-60d"
SETTLED_WITHIN_S = 30
LONGEST_START_S = 1.5

Kill = Callable[["Applications", ServerProcess, random.Random], None]


class Applications:
    """Some senders: half of them send again what was not answered, the others leave it."""

    def __init__(self, server: ServerProcess, seed: int) -> None:
        self.book = Book()
        now_ns = time.time_ns()
        self._senders = [
            Sender(server, self.book, batches(seed * SENDERS + number, now_ns), retries=number % 2 == 0)
            for number in range(SENDERS)
        ]

    def start(self) -> None:
        for sender in self._senders:
            sender.start()

    def stop(self) -> None:
        for sender in self._senders:
            sender.stop()

    def join(self) -> None:
        for sender in self._senders:
            sender.join()

    def unanswered(self) -> list[Batch]:
        """Everything of which nobody knows whether it was kept, and what the traces begun still lack."""
        return self.book.unanswered + [batch for sender in self._senders for batch in sender.leftovers()]


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
    process = server.launch()
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
        send_again(server, unanswered + chance.sample(kept, len(kept) // 3))
        wait_until_settled(server)
        assert_once(server, kept + unanswered, [])
        assert server.stop() == 0
        server.start()
        assert_once(server, kept + unanswered, [])
    except BaseException as error:
        error.add_note(f"repeat with --crash-rounds {crash_rounds} --crash-seed {crash_seed}\n{server.output()}")
        raise
    finally:
        applications.stop()
        server.kill()


@pytest.mark.parametrize("part", range(4))
def test_a_first_start_may_be_killed_at_any_moment(tmp_path: Path, part: int) -> None:
    server = ServerProcess(tmp_path)
    process = server.launch()
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(random.uniform(part, part + 1) * LONGEST_START_S / 4)
    server.kill()
    try:
        server.start()
        sent = next(batches(part, time.time_ns()))
        send_again(server, sent)
        wait_until_settled(server)
        assert_once(server, sent, [])
    finally:
        server.kill()


def assert_once(server: ServerProcess, kept: list[Batch], perhaps: list[Batch]) -> None:
    """All calls of `kept` are there, those of `perhaps` may be, no other is; once, with their exact cost, attributed."""
    sure, possible = calls_of(kept), calls_of(kept + perhaps)
    listed = everything(server)
    found = {f"{row['trace_id']}-{row['span_id']}": row for row in listed}
    assert len(found) == len(listed)
    assert sure.keys() - found.keys() == set()
    assert found.keys() - possible.keys() == set()
    spans = {span for batch in kept for span in batch.spans}
    for name, row in found.items():
        call = possible[name]
        assert Decimal(row["cost_usd"]) == call.cost
        if spans.issuperset(call.needs):
            assert (row["user_id"], row["feature"]) == (call.user, call.feature), name
    total = spend(server)
    assert total["calls"] == len(found)
    assert Decimal(total["cost_usd"]) == sum(possible[name].cost for name in found)
    if not perhaps:
        assert_groups(server, list(sure.values()))


def assert_groups(server: ServerProcess, calls: list[SentCall]) -> None:
    """Users, who stand on the root span alone, have the right number of calls and the right cost."""
    wanted: dict[str, tuple[int, Decimal]] = {}
    for call in calls:
        number, cost = wanted.get(call.user, (0, Decimal(0)))
        wanted[call.user] = number + 1, cost + call.cost
    answer = server.get("/api/v1/spend", **{"from": SINCE, "by": "user", "granularity": "none"})
    found = {group["user"]: (group["calls"], Decimal(group["cost_usd"])) for group in answer["groups"]}
    assert found == wanted


def send_again(server: ServerProcess, again: list[Batch]) -> None:
    book = Book()
    sender = Sender(server, book, [again], retries=False)
    sender.start()
    sender.join()
    assert len(book.acknowledged) == len(again)


def spend(server: ServerProcess) -> dict[str, Any]:
    answer = server.get("/api/v1/spend", **{"from": SINCE, "granularity": "none"})
    return answer["total"]


def everything(server: ServerProcess) -> list[Any]:
    """All calls, page by page."""
    rows: list[Any] = []
    more: dict[str, str] = {}
    while True:
        page = server.get("/api/v1/calls", **{"from": SINCE, "limit": "500"}, **more)
        rows += page["data"]
        if page["next_cursor"] is None:
            return rows
        more = {"cursor": page["next_cursor"]}


def calls_of(sent: list[Batch]) -> dict[str, SentCall]:
    return {call.id: call for batch in sent for call in batch.calls}


@pytest.fixture
def crash_rounds(request: pytest.FixtureRequest) -> int:
    number: int | None = request.config.getoption("--crash-rounds")
    assert number
    return number


@pytest.fixture
def crash_seed(request: pytest.FixtureRequest) -> int:
    seed: int | None = request.config.getoption("--crash-seed")
    return random.randrange(10**6) if seed is None else seed
