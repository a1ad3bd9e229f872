"""Attribution goes in at one place of the application; every call made below it comes out with it."""

from __future__ import annotations

import contextvars
import functools
import os
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Callable, Final, TypeVar

from farthing_sdk._record import AttributionFields, Record

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType

    from typing_extensions import ParamSpec, Unpack

    P = ParamSpec("P")

R = TypeVar("R")

ATTRIBUTION: Final = frozenset(AttributionFields.__annotations__)

_NOTHING: Final[Mapping[str, Any]] = {}
_fields: contextvars.ContextVar[Mapping[str, Any]] = contextvars.ContextVar("farthing_fields", default=_NOTHING)


def current_fields() -> Mapping[str, Any]:
    """The attribution that holds here. Not to be changed."""
    return _fields.get()


def attribute(record: Record) -> None:
    """Fill in from the context what the record doesn't say itself. Only the first time counts."""
    if record.attributed:
        return
    record.attributed = True
    here = _fields.get()
    if not here:
        return
    said = record.__dict__
    for name, value in here.items():
        if name == "metadata":
            own = said.get("metadata")
            said["metadata"] = {**value, **own} if own else value
        elif said.get(name) is None:
            said[name] = value


def merged(fields: Mapping[str, Any]) -> Mapping[str, Any]:
    """What holds here with `fields` on top."""
    unknown = fields.keys() - ATTRIBUTION
    if unknown:
        raise TypeError(f"a context has no {', '.join(sorted(unknown))}")
    here = _fields.get()
    given = {name: value for name, value in fields.items() if value is not None}
    tags = given.get("metadata")
    if tags is not None:
        given["metadata"] = {**here.get("metadata", _NOTHING), **tags}
    return {**here, **given}


class Within:
    """A context manager, sync and async, within which a mapping of fields holds."""

    def __init__(self, fields: Mapping[str, Any]) -> None:
        """Nothing happens before it is entered."""
        self._held = fields
        self._tokens: list[contextvars.Token[Mapping[str, Any]]] = []

    def __enter__(self) -> None:
        """The fields hold from here."""
        self._tokens.append(_fields.set(self._held))

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """What held before holds again."""
        # A generator may be closed in another context than it was started in; that one never held the fields.
        with suppress(ValueError):
            _fields.reset(self._tokens.pop())

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
    fields = _fields.get()

    @functools.wraps(function)
    def bound(*args: P.args, **kwargs: P.kwargs) -> R:
        with Within(fields):
            return function(*args, **kwargs)

    return bound


def new_request_id() -> str:
    """An external request id nobody else has."""
    return "ext_" + os.urandom(12).hex()


def context(**fields: Unpack[AttributionFields]) -> Within:
    """What the calls made within are for: `feature="support.reply", user_id=…` and the like.

    It holds for what is awaited, for tasks started within and for `asyncio.to_thread`; for other threads bind the
    function with `in_context`. Contexts nest; the inner one adds to the outer one and overrides it.
    """
    return Within(merged(fields))
