"""An admin signs in with a password, or once with a link."""

from datetime import timedelta

import pytest
from standing_clock import StandingClock

from farthing import errors
from farthing.access import admins
from farthing.store.meta.database import Database

pytestmark = pytest.mark.usefixtures("quick_passwords")


def test_an_admin_signs_in_with_a_password(database: Database, clock: StandingClock) -> None:
    with database.write() as transaction:
        ada = admins.add(transaction, "ada", clock.now, email="ada@example.org")
        admins.add(transaction, "bob", clock.now)
        admins.set_password(transaction, ada.id, "correct horse")
    assert admins.sign_in_by_password(database, "ada", "correct horse").id == ada.id
    assert admins.sign_in_by_password(database, "ada@example.org", "correct horse").id == ada.id
    for login, password in [("ada", "wrong horse"), ("bob", ""), ("nobody", "correct horse")]:
        with pytest.raises(errors.UnauthenticatedError, match="The name or the password is wrong"):
            admins.sign_in_by_password(database, login, password)


def test_a_short_password_is_refused(database: Database, clock: StandingClock) -> None:
    with pytest.raises(errors.BadRequestError, match="at least 8 characters"), database.write() as transaction:
        admins.set_password(transaction, admins.add(transaction, "ada", clock.now).id, "1234567")


def test_a_link_works_once(database: Database, clock: StandingClock) -> None:
    with database.write() as transaction:
        ada = admins.add(transaction, "ada", clock.now)
        token = admins.new_sign_in_token(transaction, ada.id, clock.now)
    assert admins.sign_in_by_token(database, token, clock.now).id == ada.id
    with pytest.raises(errors.UnauthenticatedError, match="unknown, used or too old"):
        admins.sign_in_by_token(database, token, clock.now)


def test_a_link_that_is_old_or_replaced_is_void(database: Database, clock: StandingClock) -> None:
    with database.write() as transaction:
        ada = admins.add(transaction, "ada", clock.now)
        replaced = admins.new_sign_in_token(transaction, ada.id, clock.now)
        token = admins.new_sign_in_token(transaction, ada.id, clock.now)
    with pytest.raises(errors.UnauthenticatedError):
        admins.sign_in_by_token(database, replaced, clock.now)
    with pytest.raises(errors.UnauthenticatedError):
        admins.sign_in_by_token(database, token, clock.now + timedelta(hours=24))
