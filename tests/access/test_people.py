"""People sign in with a browser: by password or link, until they leave or stay away."""

import asyncio
from datetime import timedelta

import pytest
from standing_clock import StandingClock

from farthing import errors
from farthing.access import admins, people
from farthing.access.identity import Scope
from farthing.access.people import People
from farthing.store.meta import projects
from farthing.store.meta.database import Database
from farthing.store.meta.projects import Project

pytestmark = pytest.mark.usefixtures("quick_passwords")


@pytest.fixture
def signing(database: Database, clock: StandingClock) -> People:
    """Ada, whose password is known, and two projects."""
    with database.write() as transaction:
        projects.insert(transaction, Project("default", "Default", clock.now))
        projects.insert(transaction, Project("other", "Other", clock.now))
        admins.set_password(transaction, admins.add(transaction, "ada", clock.now).id, "correct horse")
    return People(database, clock)


def test_a_token_is_who_entered_until_they_leave(signing: People) -> None:
    token = signing.enter("ada", "correct horse", "10.0.0.1")
    assert signing.of(token).user.name == "ada"
    found = asyncio.run(signing.identify(token, "other"))
    assert (found.project_id, found.may(Scope.ADMIN), found.is_of_organisation) == ("other", True, False)
    assert asyncio.run(signing.identify(token, "")).is_of_organisation
    with pytest.raises(errors.NotFoundError, match="no project 'nope'"):
        asyncio.run(signing.identify(token, "nope"))
    signing.leave(token)
    with pytest.raises(errors.UnauthenticatedError, match="Sign in again"):
        signing.of(token)


def test_another_servers_sign_out_is_noticed_soon(database: Database, clock: StandingClock, signing: People) -> None:
    other = People(database, clock)
    token = signing.enter("ada", "correct horse", "")
    assert other.of(token).user.name == "ada"
    signing.leave(token)
    clock.now += people.KNOWN_FOR
    with pytest.raises(errors.UnauthenticatedError):
        other.of(token)


def test_a_sign_in_ends_when_it_is_not_used(clock: StandingClock, signing: People) -> None:
    token = signing.enter("ada", "correct horse", "")
    for _ in range(3):
        clock.now += people.UNUSED - timedelta(minutes=1)
        signing.of(token)
    clock.now += people.UNUSED
    with pytest.raises(errors.UnauthenticatedError):
        signing.of(token)


def test_a_sign_in_ends_however_often_it_is_used(clock: StandingClock, signing: People) -> None:
    token = signing.enter("ada", "correct horse", "")
    for _ in range(9):
        clock.now += timedelta(days=9, hours=23)
        signing.of(token)
    clock.now += timedelta(days=1)
    with pytest.raises(errors.UnauthenticatedError):
        signing.of(token)


def test_a_link_sets_the_password_and_ends_what_was_before(
    database: Database, clock: StandingClock, signing: People
) -> None:
    before = signing.enter("ada", "correct horse", "")
    with database.write() as transaction:
        link = admins.new_sign_in_token(transaction, signing.of(before).user.id, clock.now)
    with pytest.raises(errors.BadRequestError, match="at least 8"):
        signing.enter_by_link(link, "short")
    token = signing.enter_by_link(link, "battery staple")
    assert signing.of(token).user.name == "ada"
    with pytest.raises(errors.UnauthenticatedError):
        signing.of(before)
    assert signing.enter("ada", "battery staple", "")
    with pytest.raises(errors.UnauthenticatedError, match="unknown, used or too old"):
        signing.enter_by_link(link, "battery staple")


def test_guessing_is_slowed_down_by_name_and_by_address(clock: StandingClock, signing: People) -> None:
    for number in range(people.MOST_TRIES):
        with pytest.raises(errors.UnauthenticatedError):
            signing.enter("ada" if number % 2 else f"guess{number}", "wrong horse", "10.0.0.1")
    with pytest.raises(errors.TooManyError, match="farthing sign-in"):
        signing.enter("ada", "correct horse", "10.0.0.1")
    assert signing.enter("ada", "correct horse", "10.0.0.2")
    clock.now += people.TRIES_IN
    assert signing.enter("ada", "correct horse", "10.0.0.1")
