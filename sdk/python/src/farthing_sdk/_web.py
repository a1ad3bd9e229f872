"""The calls made while one web request is answered go in; their number and what they cost come out, if it is known."""

from __future__ import annotations

import contextlib
import contextvars
import threading
import time
import weakref
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Callable, Final, NamedTuple

from farthing_sdk._attempts import new_request_id

if TYPE_CHECKING:
    from farthing_sdk._client import Client
    from farthing_sdk._record import Record
    from farthing_sdk._result import Result

HEADER_COST: Final = "X-LLM-Cost"
HEADER_CALLS: Final = "X-LLM-Calls"
UNKNOWN: Final = "unknown"


class Sum(NamedTuple):
    """What the calls of a web request came to."""

    calls: int
    cost_usd: Decimal | None
    """None: of one call at least nobody knows, or not yet."""

    @property
    def cost(self) -> str:
        """For a header or a log: an exact decimal of US dollars, or `unknown`."""
        return UNKNOWN if self.cost_usd is None else format(self.cost_usd.normalize(), "f")


class WebRequest:
    """One web request while it is answered."""

    def __init__(self) -> None:
        """No call was made yet."""
        self._begun = 0
        self._waiting: dict[str, None] = {}
        self._told = 0
        self._cost: Decimal | None = Decimal(0)
        self._changed = threading.Condition()
        self.wake: Callable[[], object] | None = None
        """To be told, in the sending thread, when nothing is awaited any more."""
        self._conclusion: list[Callable[[Sum], object]] = []

    def begin(self) -> None:
        """A call begins."""
        with self._changed:
            self._begun += 1

    def withdraw(self) -> None:
        """It was an attempt at what another record tells of."""
        with self._changed:
            self._begun -= 1
        self._conclude()

    def send(self, external_request_id: str) -> None:
        """A call is over, and on its way to the server."""
        with self._changed:
            self._waiting[external_request_id] = None

    def hear(self, result: Result) -> None:
        """What became of a call; maybe of another web request's."""
        with self._changed:
            if result.external_request_id not in self._waiting:
                return
            del self._waiting[result.external_request_id]
            self._told += 1
            cost = _amount(result.cost_usd)
            self._cost = None if cost is None or self._cost is None else self._cost + cost
            self._changed.notify_all()
            wake = self.wake if not self._waiting or self._cost is None else None
        if wake is not None:
            wake()
        self._conclude()

    def then(self, conclude: Callable[[Sum], object]) -> None:
        """Have this told of the sum once, when the last call is settled: now, or in the sending thread."""
        self._conclusion.append(conclude)
        self._conclude()

    @property
    def calls(self) -> int:
        """How many calls there were so far, those included that go on."""
        return self._begun

    def wait(self, until: float) -> None:
        """Wait for what the server says of the calls that are over, until that moment of the monotonic clock at most."""
        with self._changed:
            self._changed.wait_for(lambda: not self._waiting or self._cost is None, until - time.monotonic())

    def waiting(self) -> tuple[str, ...]:
        """The calls that are over, and of which the server has yet to tell."""
        with self._changed:
            return tuple(self._waiting)

    def is_settled(self) -> bool:
        """More waiting would bring nothing: all is known, or it is known that it won't be, or a call goes on."""
        with self._changed:
            return self._cost is None or not self._waiting

    def _conclude(self) -> None:
        with self._changed:
            if self._told < self._begun or not self._conclusion:
                return
            conclusion = self._conclusion.pop()
        conclusion(self.sum())

    def sum(self) -> Sum:
        """As far as it is known now."""
        with self._changed:
            return Sum(self._begun, self._cost if self._told == self._begun else None)


_awaited: Final[dict[str, WebRequest]] = {}
"""Calls on their way, of web requests that still want to know."""
_heard: Final[weakref.WeakSet[Client]] = weakref.WeakSet()
"""Clients that tell us what became of calls."""
_request: contextvars.ContextVar[WebRequest | None] = contextvars.ContextVar("farthing_web_request", default=None)

watched: Final = _request.get
"""The web request that is answered here, if one is."""


def current_sum() -> Sum | None:
    """What the web request that is answered here has come to so far; None: there is none."""
    request = _request.get()
    return None if request is None else request.sum()


def begin(record: Record) -> None:
    """A call begins; if that is within a web request, the request knows of it from now on."""
    request = _request.get()
    if request is not None and record.web_request is None:
        record.web_request = request
        request.begin()


def withdraw(record: Record) -> None:
    """It was an attempt that another record will tell of."""
    request, record.web_request = record.web_request, None
    if request is not None:
        request.withdraw()


def deliver(record: Record) -> None:
    """A call is over, and has its id. To be told before it is on its way."""
    begin(record)
    request = record.web_request
    if request is not None:
        if record.external_request_id is None:
            record.external_request_id = new_request_id()
        request.send(record.external_request_id)
        _awaited[record.external_request_id] = request


def _hear(result: Result) -> None:
    request = _awaited.pop(result.external_request_id, None)
    if request is not None:
        request.hear(result)


class Watched:
    """A web request that is watched until `leave`."""

    def __init__(self, client: Client | None) -> None:
        """From now on."""
        self.request = WebRequest()
        self._client = client
        self._token = _request.set(self.request)
        if client is not None and client not in _heard:
            _heard.add(client)
            client.listen(_hear)

    def know(self, seconds: float) -> Sum:
        """What it comes to, once the server has told, after so many seconds at most."""
        self.hurry()
        self.request.wait(time.monotonic() + seconds)
        return self.request.sum()

    async def know_soon(self, seconds: float) -> Sum:
        """The same for a coroutine; the event loop goes on meanwhile."""
        import asyncio  # noqa: PLC0415 - who gets here has it loaded

        self.hurry()
        settled, loop = asyncio.Event(), asyncio.get_running_loop()
        self.request.wake = lambda: loop.call_soon_threadsafe(settled.set)
        if not self.request.is_settled():
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(settled.wait(), seconds)
        self.request.wake = None
        return self.request.sum()

    def hurry(self) -> None:
        """Have what waits sent now rather than with the next batch."""
        if self._client is not None and self.request.calls and not self.request.is_settled():
            self._client.hasten()

    def leave(self) -> None:
        """The context is what it was; the calls that go on are told of all the same."""
        try:
            _request.reset(self._token)
        except ValueError:
            _request.set(None)

    def forget(self) -> None:
        """Nobody will ask for the sum any more."""
        for external_request_id in self.request.waiting():
            _awaited.pop(external_request_id, None)


def _amount(cost: str | None) -> Decimal | None:
    try:
        return None if cost is None else Decimal(cost)
    except InvalidOperation:
        return None
