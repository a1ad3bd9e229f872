"""Of several servers on one database one does a thing at a time; after a crash another takes over, a restart at once."""

import subprocess
import sys
import threading
from collections.abc import Generator

import pytest

from farthing.store.meta import facts
from farthing.store.meta.database import Database
from farthing.store.meta.leases import BEAT_S, SILENT_S, Lease


class Seconds:
    """A clock that goes on when it is told to."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Seconds:
    return Seconds()


@pytest.fixture
def other(meta_url: str, database: Database) -> Generator[Database]:
    """The same database, as another server has it open."""
    opened = Database.open(meta_url)
    yield opened
    opened.close()


def test_one_of_two_has_it_until_it_lets_go(database: Database, other: Database, clock: Seconds) -> None:
    one, two = Lease(database, "job", "a", clock), Lease(other, "job", "b", clock)
    assert one.acquire()
    assert one.acquire()
    assert not two.acquire()
    assert (one.is_held(), two.is_held()) == (True, False)
    assert Lease(other, "another job", "b", clock).acquire()
    one.release()
    assert not one.is_held()
    assert two.acquire()
    assert not one.acquire()


def test_who_has_fallen_silent_loses_it_and_knows(database: Database, other: Database, clock: Seconds) -> None:
    one, two = Lease(database, "job", "a", clock), Lease(other, "job", "b", clock)
    assert one.acquire()
    assert not two.acquire()
    clock.now += SILENT_S - 0.1
    assert not one.is_held()
    assert not two.acquire()
    clock.now += 0.1
    assert two.acquire()
    one.keep()
    assert not one.is_held()
    assert not one.acquire()
    one.release()
    assert two.acquire()


def test_who_says_that_it_is_still_at_it_keeps_it(database: Database, other: Database, clock: Seconds) -> None:
    one, two = Lease(database, "job", "a", clock), Lease(other, "job", "b", clock)
    assert one.acquire()
    for _ in range(20):
        clock.now += BEAT_S
        one.keep()
        assert one.is_held()
        assert not two.acquire()


def test_a_restarted_server_need_not_wait_for_itself(database: Database, other: Database, clock: Seconds) -> None:
    assert Lease(database, "job", "a", clock).acquire()
    again = Lease(other, "job", "a", clock)
    assert again.acquire()
    # Two that take themselves for the same one don't take it from each other again and again.
    third = Lease(database, "job", "a", clock)
    assert third.acquire()
    again.keep()
    assert not again.is_held()
    assert not again.acquire()
    assert third.acquire()


def test_what_can_not_be_read_is_silence(database: Database, clock: Seconds) -> None:
    with database.write() as session:
        facts.put(session, "lease/job", "something of a later version")
    lease = Lease(database, "job", "a", clock)
    assert not lease.acquire()
    clock.now += SILENT_S
    assert lease.acquire()


def test_of_many_at_once_one_gets_it(database: Database, other: Database) -> None:
    leases = [Lease(database if number % 2 else other, "job", str(number)) for number in range(8)]
    together = threading.Barrier(len(leases))
    got: list[bool] = []

    def try_it(lease: Lease) -> None:
        together.wait(10)
        got.append(lease.acquire())

    threads = [threading.Thread(target=try_it, args=(lease,)) for lease in leases]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(got) == [False] * 7 + [True]


def test_held_by_a_thread_of_its_own_until_released(database: Database, other: Database) -> None:
    lease = Lease(database, "job", "a")
    assert lease.hold()
    assert lease.hold()
    keepers = [thread for thread in threading.enumerate() if thread.name == "lease"]
    lease.release()
    for keeper in keepers:
        keeper.join(10)
        assert not keeper.is_alive()
    next_one = Lease(other, "job", "b")
    assert next_one.hold()
    next_one.release()


HOLDING = """
import sys
from farthing.store.meta.database import Database
from farthing.store.meta.leases import Lease
print(Lease(Database.open(sys.argv[1]), "job", "a").hold(), flush=True)
sys.stdin.read()
"""


def test_a_process_that_was_killed_keeps_it_until_it_has_been_silent_for_long_enough(
    database: Database, meta_url: str, clock: Seconds
) -> None:
    lease = Lease(database, "job", "b", clock)
    command = [sys.executable, "-c", HOLDING, meta_url]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        try:
            assert holder.stdout is not None
            assert holder.stdout.readline().strip() == "True"
            assert not lease.hold()
        finally:
            holder.kill()
    assert not lease.hold()
    clock.now += SILENT_S
    assert lease.hold()
    assert not Lease(database, "job", "c", clock).hold()
    lease.release()
