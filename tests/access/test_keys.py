"""Keys work until they are expired, revoked or rotated away, in their own project only, and mostly from memory."""

import asyncio
import threading
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta

import msgspec
import pytest
from sqlalchemy import Engine, event, text
from standing_clock import StandingClock

from farthing import errors
from farthing.access.credentials import Credential
from farthing.access.identity import Identity, Scope
from farthing.access.keys import Keys
from farthing.access.minting import Created, Wanted, insert
from farthing.store.meta.database import Database

READER = Wanted("a", "reader", frozenset({"read"}))
PAIR = Wanted("a", "app", frozenset({"ingest"}), kind="pair")


def sent(made: Created) -> Credential:
    return Credential(made.secret, made.key.public_key)


def refused(keys: Keys, made: Created) -> str:
    with pytest.raises(errors.UnauthenticatedError) as caught:
        keys.verify(sent(made))
    return str(caught.value)


@contextmanager
def told(moment: str, listener: Callable[..., object]) -> Generator[None]:
    """`listener` hears of everything that any database is asked meanwhile."""
    event.listen(Engine, moment, listener)
    try:
        yield
    finally:
        event.remove(Engine, moment, listener)


def test_a_key_tells_who_sent_it(keys: Keys) -> None:
    made = keys.create(msgspec.structs.replace(READER, environment="prod"))
    assert keys.verify(sent(made)) == Identity("a", made.key.id, frozenset({Scope.READ}), "prod")


def test_a_pair_tells_who_sent_it(keys: Keys) -> None:
    made = keys.create(PAIR)
    assert keys.verify(sent(made)) == Identity("a", made.key.id, frozenset({Scope.INGEST}), keeps_content=True)


def test_whether_content_is_kept_is_chosen_and_changed_and_goes_over_to_successors(keys: Keys) -> None:
    made = [
        keys.create(msgspec.structs.replace(wanted, keeps_content=keeps))
        for wanted in (READER, PAIR)
        for keeps in (None, True, False)
    ]
    assert [one.key.keeps_content for one in made] == [False, True, False, True, True, False]
    assert [keys.verify(sent(one)).keeps_content for one in made] == [False, True, False, True, True, False]
    assert keys.keep_content("a", made[0].key.id, "key_1", keeps=True).keeps_content
    assert keys.verify(sent(made[0])).keeps_content
    assert keys.keep_content("a", made[0].key.id, "key_1", keeps=True).keeps_content
    assert keys.rotate("a", made[0].key.id).key.keeps_content
    assert not keys.rotate("a", made[5].key.id).key.keeps_content
    with pytest.raises(errors.NotFoundError):
        keys.keep_content("b", made[0].key.id, "key_1", keeps=False)


def test_a_key_never_stands_for_another_project(keys: Keys) -> None:
    made = {
        (project, kind): keys.create(Wanted(project, "app", frozenset({"read"}), kind))
        for project in ("a", "b")
        for kind in ("bearer", "pair")
    }
    for _ in range(2):
        for (project, _kind), one in made.items():
            assert keys.verify(sent(one)).project_id == project
    # Halves of two projects' pairs make no key, nor does a pair's secret alone, or a key under a public one.
    for secret, public_key in [
        (made["b", "pair"].secret, made["a", "pair"].key.public_key),
        (made["a", "pair"].secret, made["b", "pair"].key.public_key),
        (made["a", "pair"].secret, None),
        (made["b", "bearer"].secret, made["a", "pair"].key.public_key),
        (made["a", "bearer"].secret, "pk-lf-unknown"),
    ]:
        for _ in range(2):
            with pytest.raises(errors.UnauthenticatedError, match="not known here"):
                keys.verify(Credential(secret, public_key))


def test_another_project_can_neither_see_nor_change_a_key(keys: Keys) -> None:
    made = keys.create(READER)
    assert keys.of("b") == []
    with pytest.raises(errors.NotFoundError, match="There is no key"):
        keys.revoke("b", made.key.id)
    with pytest.raises(errors.NotFoundError, match="There is no key"):
        keys.rotate("b", made.key.id)
    assert keys.verify(sent(made)).project_id == "a"


def test_an_unknown_key_is_refused_and_works_as_soon_as_it_is_known(
    keys: Keys, database: Database, clock: StandingClock
) -> None:
    later = Credential("fk_" + "x" * 43)
    with pytest.raises(errors.UnauthenticatedError, match="This key is not known here"):
        keys.verify(later)
    with database.write() as transaction:
        insert(transaction, READER, clock.now, given=later)
    keys.create(READER)
    assert keys.verify(later).project_id == "a"


def test_an_expired_key_is_refused_though_it_is_in_memory(keys: Keys, clock: StandingClock) -> None:
    made = keys.create(msgspec.structs.replace(READER, expires_at=clock.now + timedelta(seconds=5)))
    keys.verify(sent(made))
    clock.go(seconds=4.9)
    keys.verify(sent(made))
    clock.go(seconds=0.1)
    assert refused(keys, made) == "This key expired at 2026-07-01T12:00:05Z."


def test_a_revoked_key_is_refused_at_once(keys: Keys, clock: StandingClock) -> None:
    made = keys.create(READER)
    keys.verify(sent(made))
    revoked_at = clock.go(seconds=1)
    assert keys.revoke("a", made.key.id).revoked_at == revoked_at
    assert refused(keys, made) == "This key was revoked at 2026-07-01T12:00:01Z."
    clock.go(seconds=1)
    assert keys.revoke("a", made.key.id).revoked_at == revoked_at


def test_a_key_revoked_by_another_server_is_refused_within_ten_seconds(
    keys: Keys, database: Database, clock: StandingClock
) -> None:
    made = keys.create(READER)
    keys.verify(sent(made))
    elsewhere = Keys(database, clock)
    elsewhere.revoke("a", made.key.id)
    elsewhere.close()
    clock.go(seconds=10)
    assert "was revoked" in refused(keys, made)


@pytest.mark.parametrize("wanted", [READER, PAIR])
def test_a_rotated_key_works_on_for_a_day(keys: Keys, clock: StandingClock, wanted: Wanted) -> None:
    old = keys.create(wanted)
    keys.verify(sent(old))
    new = keys.rotate("a", old.key.id)
    assert new.secret != old.secret
    assert new.key.rotated_from == old.key.id
    assert (new.key.name, new.key.scopes, new.key.kind) == (old.key.name, old.key.scopes, old.key.kind)
    assert keys.verify(sent(new)).key_id == new.key.id
    clock.go(hours=23, minutes=59)
    assert keys.verify(sent(old)).key_id == old.key.id
    clock.go(minutes=1)
    assert "expired" in refused(keys, old)
    assert keys.verify(sent(new)).key_id == new.key.id


def test_a_rotation_without_overlap_ends_the_old_key_at_once(keys: Keys) -> None:
    old = keys.create(READER)
    keys.verify(sent(old))
    keys.rotate("a", old.key.id, timedelta(0))
    assert "expired" in refused(keys, old)


def test_a_rotation_neither_lengthens_the_old_key_nor_shortens_the_new(keys: Keys, clock: StandingClock) -> None:
    old = keys.create(msgspec.structs.replace(READER, expires_at=clock.now + timedelta(days=30)))
    clock.go(days=29, hours=23)
    new = keys.rotate("a", old.key.id)
    assert new.key.expires_at == clock.now + timedelta(days=30)
    clock.go(hours=1)
    assert "expired" in refused(keys, old)


def test_what_is_over_can_not_be_rotated(keys: Keys, clock: StandingClock) -> None:
    revoked, rotated = keys.create(READER), keys.create(READER)
    expired = keys.create(msgspec.structs.replace(READER, expires_at=clock.now + timedelta(seconds=1)))
    keys.revoke("a", revoked.key.id)
    newer = keys.rotate("a", rotated.key.id)
    clock.go(seconds=1)
    for one, said in [
        (revoked, "was revoked at .* It can't be rotated"),
        (expired, "expired at .* It can't be rotated"),
        (rotated, f"was rotated into {newer.key.id} already"),
    ]:
        with pytest.raises(errors.ConflictError, match=said):
            keys.rotate("a", one.key.id)
    with pytest.raises(errors.BadRequestError, match="can't be negative"):
        keys.rotate("a", newer.key.id, timedelta(seconds=-1))


def test_of_many_rotations_at_once_one_succeeds(keys: Keys) -> None:
    old = keys.create(READER)

    def rotate(_: int) -> bool:
        try:
            keys.rotate("a", old.key.id)
        except errors.ConflictError:
            return False
        return True

    with ThreadPoolExecutor(8) as threads:
        assert sorted(threads.map(rotate, range(8))) == [False] * 7 + [True]
    assert len(keys.of("a")) == 2


def test_all_keys_are_listed_without_their_secrets(keys: Keys, clock: StandingClock) -> None:
    first = keys.create(READER)
    clock.go(seconds=1)
    second = keys.create(PAIR)
    keys.revoke("a", first.key.id)
    listed = keys.of("a")
    assert [(key.id, key.revoked_at is None) for key in listed] == [(first.key.id, False), (second.key.id, True)]
    assert first.secret not in repr(listed)
    assert second.secret not in repr(listed)


def test_a_known_key_costs_no_question(keys: Keys) -> None:
    made = keys.create(READER)
    keys.verify(sent(made))
    keys.close()  # waits for the note of the first use
    asked: list[object] = []
    with told("before_cursor_execute", lambda *_: asked.append(1)):
        for _ in range(100):
            keys.verify(sent(made))
    assert asked == []


def test_a_wrong_key_costs_one_question_however_often_it_comes(keys: Keys) -> None:
    wrong = Credential("fk_" + "w" * 43)
    with pytest.raises(errors.UnauthenticatedError):
        keys.verify(wrong)
    asked: list[object] = []
    with told("before_cursor_execute", lambda *_: asked.append(1)):
        for _ in range(100):
            with pytest.raises(errors.UnauthenticatedError):
                keys.verify(wrong)
    assert asked == []


def test_the_event_loop_is_not_held_up_by_the_database(keys: Keys) -> None:
    made = keys.create(READER)
    asked_in: set[str] = set()

    async def ask() -> None:
        for _ in range(3):
            assert (await keys.identify(sent(made))).key_id == made.key.id
        with pytest.raises(errors.UnauthenticatedError):
            await keys.identify(Credential("fk_" + "w" * 43))

    with told("before_cursor_execute", lambda *_: asked_in.add(threading.current_thread().name)):
        asyncio.run(ask())
    assert asked_in
    assert all(name.startswith("key") for name in asked_in)


def test_a_key_revoked_while_it_is_looked_up_is_not_remembered_as_good(keys: Keys) -> None:
    made = keys.create(READER)
    once = threading.Lock()

    def revoke_after_the_answer(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if statement.startswith("SELECT") and once.acquire(blocking=False):
            keys.revoke("a", made.key.id)

    with told("after_cursor_execute", revoke_after_the_answer):
        keys.verify(sent(made))
    assert "was revoked" in refused(keys, made)


def test_the_last_use_is_noted_once_a_minute(database: Database, keys: Keys, clock: StandingClock) -> None:
    made = keys.create(READER)
    first = clock.now

    def last_used_after(**time: float) -> object:
        users_of_it = Keys(database, clock)
        clock.go(**time)
        for _ in range(3):
            users_of_it.verify(sent(made))
        users_of_it.close()
        return keys.of("a")[0].last_used_at

    assert keys.of("a")[0].last_used_at is None
    assert last_used_after(seconds=0) == first
    assert last_used_after(seconds=59) == first
    assert last_used_after(seconds=1) == first + timedelta(minutes=1)


def test_a_store_that_is_down_is_no_reason_to_call_a_key_wrong(keys: Keys, database: Database) -> None:
    made = keys.create(READER)
    with database.write() as transaction:
        transaction.execute(text("ALTER TABLE keys RENAME TO lost"))
    with pytest.raises(errors.StoreError, match="The meta database"):
        keys.verify(sent(made))
