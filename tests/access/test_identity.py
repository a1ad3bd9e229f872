"""A scope is needed, admin is enough for everything."""

import pytest

from farthing import errors
from farthing.access.identity import Identity, Scope, scopes


@pytest.mark.parametrize("scope", list(Scope))
def test_an_admin_may_do_everything(scope: Scope) -> None:
    Identity("a", "key_1", frozenset({Scope.ADMIN})).require(scope)


def test_a_missing_scope_is_named() -> None:
    reader = Identity("a", "key_1", frozenset({Scope.READ, Scope.INGEST}))
    reader.require(Scope.READ)
    with pytest.raises(errors.ForbiddenError, match="lacks the scope admin; it has ingest, read"):
        reader.require(Scope.ADMIN)


def test_names_become_scopes() -> None:
    assert scopes(frozenset({"read", "ingest"})) == {Scope.READ, Scope.INGEST}


@pytest.mark.parametrize(
    ("names", "said"), [(frozenset[str](), "not nothing"), (frozenset({"read", "write"}), "not read, write")]
)
def test_unknown_names_and_none_are_refused(names: frozenset[str], said: str) -> None:
    with pytest.raises(errors.BadRequestError, match=f"one or more of ingest, gateway, read, admin, {said}"):
        scopes(names)
