"""Attribution goes in at one place of the application; every call made below it comes out with it."""

from __future__ import annotations

import contextvars
import functools
from typing import TYPE_CHECKING, Any, Callable, Final, NamedTuple, Protocol, TypeVar

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


class Place(Protocol):
    """What holds at one place of the application: a `Held`, or the `Call` that is made there."""

    @property
    def fields(self) -> Mapping[str, Any]:
        """Attribution. Not to be changed."""
        ...

    @property
    def attempts(self) -> Attempts | None:
        """What is made here is an attempt at this."""
        ...

    @property
    def call(self) -> Call | None:
        """The block around."""
        ...


class Held(NamedTuple):
    """A place that is no call."""

    fields: Mapping[str, Any] = {}
    attempts: Attempts | None = None
    call: Call | None = None


_held: contextvars.ContextVar[Place] = contextvars.ContextVar("farthing_held", default=Held())  # noqa: B039 - a tuple

here: Final = _held.get
"""What holds here."""

hold: Final = _held.set
"""Have this hold from here. Give what comes back to `let_go`."""


def let_go(before: contextvars.Token[Place]) -> None:
    """What held before holds again."""
    try:  # noqa: SIM105 - it is done in every call, and `suppress` takes four times as long
        _held.reset(before)
    except ValueError:
        # A generator may be closed in another context than it was started in; there it never held.
        pass


def attribute(record: Record) -> None:
    """Fill in from the context what the record doesn't say itself. Only the first time counts: when the call begins."""
    if record.attributed:
        return
    record.attributed = True
    place = here()
    fill(record.__dict__, place.fields)
    attempts = place.attempts
    if attempts is not None:
        record.attempts_at = attempts
        attempts.begin()


def fill(said: dict[str, Any], fields: Mapping[str, Any]) -> None:
    """What is said of a call, and for what isn't, the fields that hold around it."""
    own = said.get("metadata")
    if not fields and own is None:
        return
    for name, value in fields.items():
        if said.get(name) is None:
            said[name] = value
    if own is not None:
        # A copy: the application may go on changing its own.
        said["metadata"] = {**fields.get("metadata", _NO_TAGS), **own}


def with_fields(held: Place, given: Mapping[str, Any], names: frozenset[str]) -> Mapping[str, Any]:
    """The fields that hold, with those of the given ones on top that have these names."""
    fields = dict(held.fields)
    for name in given:
        if name in names:
            value = given[name]
            if value is not None:
                # The application may go on changing its own tags.
                fields[name] = {**fields.get("metadata", _NO_TAGS), **value} if name == "metadata" else value
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

    def __init__(self, held: Place) -> None:
        """Nothing happens before it is entered."""
        self._what = held
        self._tokens: list[contextvars.Token[Place]] = []

    def __enter__(self) -> None:
        """It holds from here."""
        self._tokens.append(hold(self._what))

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """What held before holds again."""
        if self._tokens:
            let_go(self._tokens.pop())

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
