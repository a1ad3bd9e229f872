"""What an application asked of its middleware goes in; what all frameworks have in common is done here."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Callable, Final, NamedTuple

from farthing_sdk._context import Held, here, hold, let_go
from farthing_sdk._record import AttributionFields
from farthing_sdk._trouble import swallow
from farthing_sdk._web import Sum

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from farthing_sdk._web import Watched

Log = Callable[[Any, Sum], object]
"""The framework's request (ASGI: the scope; WSGI: the environ) and what its calls came to."""
Attribute = Callable[[Any], Mapping[str, Any]]

_NAMES: Final = frozenset(AttributionFields.__annotations__)


class Asked(NamedTuple):
    """The same for every framework."""

    header: bool
    wait: float
    log: Log | None

    def fields(self, attribute: Attribute | None, request: Any) -> Mapping[str, Any]:
        """What the application says whom this request is for."""
        if attribute is None:
            return {}
        try:
            said = attribute(request)
            return {name: value for name, value in said.items() if name in _NAMES and value is not None}
        except Exception as error:  # noqa: BLE001 - it is the application's function
            swallow(error, "attribute of a web request")
            return {}

    def end(self, watched: Watched, request: Any) -> None:
        """The request is answered. The log hears of it once the server has told of its last call."""
        if self.log is None:
            watched.forget()
        else:
            watched.request.then(functools.partial(_log, self.log, request))


@contextlib.contextmanager
def made_here(fields: Mapping[str, Any], route: Callable[[], str | None]) -> Generator[None]:
    """Calls made here are for these, and for the feature that the route is unless the application names another."""
    outer = here()
    before = hold(Held(_Late(outer.fields, fields, route), outer.attempts, outer.call))
    try:
        yield
    finally:
        let_go(before)


class _Late(Mapping[str, Any]):
    """Fields of which one is known only when it is asked for."""

    def __init__(self, outer: Mapping[str, Any], fields: Mapping[str, Any], route: Callable[[], str | None]) -> None:
        self._known = {**outer, **fields}
        self._route = route

    def _all(self) -> Mapping[str, Any]:
        if "feature" in self._known:
            return self._known
        try:
            route = self._route()
        except Exception as error:  # noqa: BLE001 - a framework of another version
            swallow(error, "route")
            route = None
        return self._known if route is None else {**self._known, "feature": route}

    def __getitem__(self, name: str) -> Any:
        return self._all()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._all())

    def __len__(self) -> int:
        return len(self._all())


def _log(log: Log, request: Any, known: Sum) -> None:
    try:
        log(request, known)
    except Exception as error:  # noqa: BLE001 - it is the application's function
        swallow(error, "log of a web request")
