"""New keys have the right form, and impossible wishes are refused."""

import re
from datetime import timedelta

import msgspec
import pytest
from standing_clock import StandingClock

from farthing import errors
from farthing.access.keys import Keys
from farthing.access.minting import Wanted

READER = Wanted("a", "reader", frozenset({"read"}))


def test_a_bearer_key_is_fk_and_43_characters(keys: Keys, clock: StandingClock) -> None:
    made = keys.create(msgspec.structs.replace(READER, name="  reader ", environment="prod"))
    assert re.fullmatch(r"fk_[A-Za-z0-9_-]{43}", made.secret)
    key = made.key
    assert (key.kind, key.public_key, key.name, key.environment) == ("bearer", None, "reader", "prod")
    assert key.prefix == made.secret[:7]
    assert key.created_at == clock.now
    assert made.secret not in repr(made)


def test_a_pair_has_langfuses_form(keys: Keys) -> None:
    made = keys.create(msgspec.structs.replace(READER, kind="pair"))
    assert re.fullmatch(r"sk-lf-[0-9a-f-]{36}", made.secret)
    assert made.key.public_key is not None
    assert re.fullmatch(r"pk-lf-[0-9a-f-]{36}", made.key.public_key)
    assert made.key.prefix == made.secret[:10]


def test_no_two_keys_are_alike(keys: Keys) -> None:
    made = [keys.create(READER) for _ in range(10)]
    assert len({one.secret for one in made}) == 10
    assert len({one.key.id for one in made}) == 10


@pytest.mark.parametrize(
    ("wish", "said"),
    [
        ({"name": " "}, "needs a name"),
        ({"name": "x" * 201}, "needs a name"),
        ({"scopes": frozenset[str]()}, "scopes are one or more of"),
        ({"scopes": frozenset({"root"})}, "not root"),
        ({"environment": ""}, "environment has 1 to 200"),
    ],
)
def test_an_impossible_wish_is_refused(keys: Keys, wish: dict[str, object], said: str) -> None:
    with pytest.raises(errors.BadRequestError, match=said):
        keys.create(msgspec.structs.replace(READER, **wish))
    assert keys.of("a") == []


def test_a_key_must_end_in_the_future(keys: Keys, clock: StandingClock) -> None:
    keys.create(msgspec.structs.replace(READER, expires_at=clock.now + timedelta(seconds=1)))
    with pytest.raises(errors.BadRequestError, match="must end in the future"):
        keys.create(msgspec.structs.replace(READER, expires_at=clock.now))


def test_an_unknown_project_is_not_found(keys: Keys) -> None:
    with pytest.raises(errors.NotFoundError, match="no project 'nowhere'"):
        keys.create(msgspec.structs.replace(READER, project_id="nowhere"))
