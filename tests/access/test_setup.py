"""A first start makes project, key and admin; later starts make what is missing and nothing twice."""

import base64
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor

import msgspec
import pytest
from standing_clock import StandingClock

from farthing import errors
from farthing.access import admins
from farthing.access.credentials import Credential, from_headers
from farthing.access.identity import Scope
from farthing.access.keys import Keys
from farthing.access.setup import Given, Made, set_up
from farthing.store.meta import projects, users
from farthing.store.meta.database import Database

pytestmark = pytest.mark.usefixtures("quick_passwords")

INIT_KEY = "fk_" + "i" * 16
PAIR = Given(public_key="pk-lf-1234567890", secret_key="sk-lf-1234567890")
NOTHING = Given()


@pytest.fixture
def keys(database: Database, clock: StandingClock) -> Generator[Keys]:
    """The keys of an empty database."""
    made = Keys(database, clock)
    yield made
    made.close()


def test_a_first_start_makes_all_there_must_be(database: Database, keys: Keys, clock: StandingClock) -> None:
    made = set_up(database, NOTHING, clock.now)
    assert (made.first, made.project_id, made.notices) == (True, "default", ())
    assert made.key is not None
    identity = keys.verify(from_headers(f"Bearer {made.key}"))
    assert identity.project_id == "default"
    for scope in Scope:
        assert scope in identity.scopes
    assert made.cli_key is not None
    assert made.cli_key != made.key
    assert keys.verify(Credential(made.cli_key)).scopes == {Scope.READ, Scope.ADMIN}
    assert [key.name for key in sorted(keys.of("default"), key=lambda key: key.name)] == ["cli", "first"]
    assert made.sign_in_token is not None
    assert admins.sign_in_by_token(database, made.sign_in_token, clock.now).name == "admin"
    for secret in (made.key, made.cli_key, made.sign_in_token):
        assert secret not in repr(made)


def test_a_second_start_makes_nothing_twice(database: Database, keys: Keys, clock: StandingClock) -> None:
    first = set_up(database, NOTHING, clock.now)
    before = keys.of("default")
    assert first.cli_key is not None
    second = set_up(database, Given(cli_key=first.cli_key), clock.go(days=1))
    assert (second.first, second.key, second.cli_key, second.notices) == (False, None, None, ())
    assert keys.of("default") == before
    with database.read() as transaction:
        assert len(projects.listing(transaction)) == 1
        assert len(users.listing(transaction)) == 1


def test_an_admin_without_a_password_gets_a_new_link_at_each_start(database: Database, clock: StandingClock) -> None:
    first, second = (set_up(database, NOTHING, clock.now) for _ in range(2))
    assert first.sign_in_token is not None
    assert second.sign_in_token is not None
    with pytest.raises(errors.UnauthenticatedError):
        admins.sign_in_by_token(database, first.sign_in_token, clock.now)
    admins.sign_in_by_token(database, second.sign_in_token, clock.now)


def test_servers_that_start_at_once_make_nothing_twice(database: Database, keys: Keys, clock: StandingClock) -> None:
    given = msgspec.structs.replace(PAIR, key=INIT_KEY)

    def start(_: int) -> Made:
        return set_up(database, given, clock.now)

    with ThreadPoolExecutor(6) as threads:
        made = list(threads.map(start, range(6)))
    assert sorted(one.first for one in made) == [False] * 5 + [True]
    # Each has a folder of its own, and so a key of its own in it.
    assert sorted(key.name for key in keys.of("default")) == ["cli"] * 6 + ["init", "init pair"]
    with database.read() as transaction:
        assert len(users.listing(transaction)) == 1


def test_a_given_key_is_used_as_it_is(database: Database, keys: Keys, clock: StandingClock) -> None:
    made = set_up(database, Given(key=INIT_KEY), clock.now)
    assert made.key is None
    assert keys.verify(Credential(INIT_KEY)).scopes == frozenset(Scope)
    again = set_up(database, Given(key=INIT_KEY), clock.now)
    assert (again.first, again.key, again.notices) == (False, None, ())


def test_a_key_given_later_is_added(database: Database, keys: Keys, clock: StandingClock) -> None:
    first = set_up(database, NOTHING, clock.now)
    assert first.key is not None
    later = set_up(database, Given(key=INIT_KEY), clock.now)
    assert later.key is None
    assert later.notices == (
        "The key in FARTHING_INIT_KEY is new and was added; keys from before stay good until they are revoked.",
    )
    assert keys.verify(Credential(INIT_KEY)).project_id == "default"
    assert keys.verify(Credential(first.key)).project_id == "default"


def test_a_given_key_that_was_revoked_stays_so(database: Database, keys: Keys, clock: StandingClock) -> None:
    set_up(database, Given(key=INIT_KEY), clock.now)
    keys.revoke("default", next(key.id for key in keys.of("default") if key.name == "init"))
    (notice,) = set_up(database, Given(key=INIT_KEY), clock.now).notices
    assert notice == (
        "The key in FARTHING_INIT_KEY is not in use: This key was revoked at 2026-07-01T12:00:00Z. "
        "Give another one or unset it."
    )
    with pytest.raises(errors.UnauthenticatedError):
        keys.verify(Credential(INIT_KEY))


def test_a_given_pair_is_for_applications(database: Database, keys: Keys, clock: StandingClock) -> None:
    made = set_up(database, PAIR, clock.now)
    assert made.key is not None
    header = "Basic " + base64.b64encode(f"{PAIR.public_key}:{PAIR.secret_key}".encode()).decode()
    identity = keys.verify(from_headers(header))
    assert identity.scopes == {Scope.INGEST, Scope.GATEWAY, Scope.READ}
    with pytest.raises(errors.ForbiddenError, match="lacks the scope admin"):
        identity.require(Scope.ADMIN)
    assert set_up(database, PAIR, clock.now).notices == ()


@pytest.mark.parametrize(
    "changed", [{"secret_key": "sk-lf-another-secret"}, {"public_key": "pk-lf-another"}], ids=["secret", "public"]
)
def test_a_pair_changed_by_half_is_refused(database: Database, clock: StandingClock, changed: dict[str, str]) -> None:
    set_up(database, PAIR, clock.now)
    with pytest.raises(errors.StartError, match="shares one half with another key; choose both halves anew"):
        set_up(database, msgspec.structs.replace(PAIR, **changed), clock.now)


def test_a_given_password_replaces_the_link(database: Database, clock: StandingClock) -> None:
    made = set_up(database, Given(admin_password="correct horse"), clock.now)
    assert made.sign_in_token is None
    assert admins.sign_in_by_password(database, "admin", "correct horse").name == "admin"
    assert set_up(database, Given(admin_password="correct horse"), clock.now).notices == ()


def test_a_password_given_later_is_set_once(database: Database, clock: StandingClock) -> None:
    set_up(database, NOTHING, clock.now)
    assert set_up(database, Given(admin_password="correct horse"), clock.now).notices == (
        "The admin's password was set from FARTHING_INIT_ADMIN_PASSWORD.",
    )
    assert set_up(database, Given(admin_password="another horse"), clock.now).notices == (
        "FARTHING_INIT_ADMIN_PASSWORD is not used: the admin has another password already.",
    )
    assert admins.sign_in_by_password(database, "admin", "correct horse").name == "admin"


@pytest.mark.parametrize("found", ["", "fk_of another folder", "ä"])
def test_a_cli_key_that_does_not_work_is_replaced(
    database: Database, keys: Keys, clock: StandingClock, found: str
) -> None:
    set_up(database, NOTHING, clock.now)
    made = set_up(database, Given(cli_key=found), clock.now)
    assert made.cli_key is not None
    keys.verify(Credential(made.cli_key)).require(Scope.READ)


def test_a_cli_key_that_was_revoked_is_replaced(database: Database, keys: Keys, clock: StandingClock) -> None:
    first = set_up(database, NOTHING, clock.now)
    assert first.cli_key is not None
    keys.revoke("default", next(key.id for key in keys.of("default") if key.name == "cli"))
    second = set_up(database, Given(cli_key=first.cli_key), clock.now)
    assert second.cli_key not in (None, first.cli_key)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (Given(key="sk-123"), "FARTHING_INIT_KEY must be fk_ and at least 16 more"),
        (Given(key="fk_" + "a" * 15), "FARTHING_INIT_KEY must be fk_ and at least 16 more"),
        (Given(key="fk_" + "a" * 254), "256 in all at most"),
        (Given(key="fk_" + "a " * 16), "without spaces"),
        (Given(key=INIT_KEY + "\n"), "without spaces"),
        (Given(public_key="pk-lf-1"), "go together: set both or neither"),
        (Given(secret_key="sk-lf-12345678"), "go together: set both or neither"),
        (Given(public_key="public", secret_key="sk-lf-12345678"), "FARTHING_INIT_PUBLIC_KEY must be pk-lf-"),
        (Given(public_key="pk-lf-a:b", secret_key="sk-lf-12345678"), "without spaces or colons"),
        (Given(public_key="pk-lf-1", secret_key="sk-lf-1234567"), "FARTHING_INIT_SECRET_KEY must be sk-lf- and at"),
        (Given(admin_password="1234567"), "FARTHING_INIT_ADMIN_PASSWORD must have at least 8"),
    ],
)
def test_a_value_that_can_not_be_used_stops_the_start(
    database: Database, clock: StandingClock, given: Given, said: str
) -> None:
    with pytest.raises(errors.StartError) as caught:
        set_up(database, given, clock.now)
    assert said in str(caught.value)
    for secret in (given.key, given.secret_key, given.admin_password):
        assert not secret or secret not in str(caught.value)
    with database.read() as transaction:
        assert projects.listing(transaction) == []
