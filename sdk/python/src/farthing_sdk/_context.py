"""Attribution goes in at one place of the application; every call made below it comes out with it."""

from __future__ import annotations

import contextvars
import functools
import os
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Callable, Final, NamedTuple, TypeVar

from farthing_sdk._attempts import Attempts
from farthing_sdk._record import Record
from farthing_sdk._trouble import swallow

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType

    from typing_extensions import ParamSpec

    from farthing_sdk._call import Call

    P = ParamSpec("P")

R = TypeVar("R")

_NO_TAGS: Final[Mapping[str, Any]] = {}


class Held(NamedTuple):
    """What holds at one place of the application. Never changed, only replaced."""

    fields: Mapping[str, Any] = {}
    attempts: Attempts | None = None
    """What is made here is an attempt at this."""
    call: Call | None = None
    """The block around."""


_held: contextvars.ContextVar[Held] = contextvars.ContextVar("farthing_held", default=Held())  # noqa: B039 - a tuple


def here() -> Held:
    """What holds here."""
    return _held.get()


def attribute(record: Record) -> None:
    """Fill in from the context what the record doesn't say itself. Only the first time counts: when the call begins."""
    if record.attributed:
        return
    record.attributed = True
    said = record.__dict__
    own = said.get("metadata")
    fields, attempts, _ = _held.get()
    for name, value in fields.items():
        if name != "metadata" and said.get(name) is None:
            said[name] = value
    tags = fields.get("metadata")
    if tags is not None or own is not None:
        # The application may go on changing its own.
        said["metadata"] = {**(tags or _NO_TAGS), **(own or _NO_TAGS)}
    if attempts is not None:
        record.attempts_at = attempts
        attempts.begin()


def with_fields(held: Held, given: Mapping[str, Any], names: frozenset[str]) -> Mapping[str, Any]:
    """The fields that hold, with those of the given ones on top that have these names."""
    own = {name: value for name, value in given.items() if value is not None and name in names and name != "metadata"}
    fields = {**held.fields, **own}
    if given.get("metadata"):
        fields["metadata"] = {**fields.get("metadata", _NO_TAGS), **given["metadata"]}
    return fields


def checked(given: dict[str, Any], names: frozenset[str], what: str) -> dict[str, Any]:
    """The fields that there are; another name is a slip of the pen, which must not stop the application."""
    unknown = given.keys() - names
    if not unknown:
        return given
    swallow(TypeError(f"{what} has no {', '.join(sorted(unknown))}"), f"{what} {sorted(unknown)}")
    return {name: value for name, value in given.items() if name in names}


class Within:
    """A context manager, sync and async, within which something holds. It may be entered again after it was left."""

    def __init__(self, held: Held) -> None:
        """Nothing happens before it is entered."""
        self._what = held
        self._tokens: list[contextvars.Token[Held]] = []

    def __enter__(self) -> None:
        """It holds from here."""
        self._tokens.append(_held.set(self._what))

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """What held before holds again."""
        # A generator may be closed in another context than it was started in; there it never held.
        with suppress(ValueError, IndexError):
            _held.reset(self._tokens.pop())

    async def __aenter__(self) -> None:
        """Likewise."""
        self.__enter__()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Likewise."""
        self.__exit__(kind, error, trace)


def in_context(function: Callable[P, R]) -> Callable[P, R]:
    """The function bound to the context of here, for threads that don't take theirs from who starts them."""
    held = _held.get()

    @functools.wraps(function)
    def bound(*args: P.args, **kwargs: P.kwargs) -> R:
        with Within(held):
            return function(*args, **kwargs)

    return bound


def new_request_id() -> str:
    """An external request id nobody else has."""
    return "ext_" + os.urandom(12).hex()
