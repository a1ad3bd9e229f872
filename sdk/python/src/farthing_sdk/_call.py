"""A block of the application that makes one call goes in; how long it took, what it used and how it ended is told of."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Final

from farthing_sdk._attempts import Attempts
from farthing_sdk._client import current
from farthing_sdk._context import Held, Within, checked, here, new_request_id, with_fields
from farthing_sdk._record import AttributionFields, CallFields, ContextFields, Record, UsageFields
from farthing_sdk._trouble import swallow

if TYPE_CHECKING:
    from types import TracebackType

    from typing_extensions import Unpack

_CALL: Final = frozenset(CallFields.__annotations__)
_CONTEXT: Final = frozenset(ContextFields.__annotations__)
_ATTRIBUTION: Final = frozenset(AttributionFields.__annotations__)
_USAGE: Final = frozenset(UsageFields.__annotations__)


def error_code(error: BaseException) -> str:
    """A short name for what went wrong: the provider's own code or status where the exception has one, else its class."""
    for name in ("code", "status_code"):
        code = getattr(error, name, None)
        if isinstance(code, (str, int)) and not isinstance(code, bool) and code:
            return str(code)
    return type(error).__name__


class Call:
    """One call while it lasts. Made by `call` and `tracked`.

    If a wrapped client, `track` or another `call` tells of calls made within, those are told of, with this one's
    attribution and id, and the block itself isn't a call.
    """

    def __init__(self, guard: bool | None, fields: dict[str, Any]) -> None:
        """Nothing happens before it is entered."""
        self._fields = checked(fields, _CALL, "call")
        self._guard = guard
        self._record = Record()
        self._within: Within | None = None
        self._attempts: Attempts | None = None
        self._began = 0
        self._ended = False

    @property
    def external_request_id(self) -> str:
        """The one id of all its attempts. Empty before the block."""
        return "" if self._attempts is None else self._attempts.external_request_id

    @property
    def record(self) -> Record:
        """What is known of it so far."""
        return self._record

    def first_token(self) -> None:
        """The first token is here. Only the first time counts."""
        if self._record.ttft_ms is None:
            self._record.ttft_ms = round((time.perf_counter() - self._began) * 1000)
            self._record.streaming = True

    def usage(self, **fields: Unpack[UsageFields]) -> None:
        """What the provider says was used."""
        self._update(checked(dict(fields), _USAGE, "usage"))

    def set(self, **fields: Unpack[CallFields]) -> None:
        """Whatever else has become known."""
        self._update(checked(dict(fields), _CALL, "call"))

    def retry(self) -> None:
        """It is tried again, under the same id."""
        self._record.attempts += 1

    def error(self, code: str) -> None:
        """It ended badly, though nothing is raised."""
        self._record.status = "error"
        self._record.error_code = code

    def __enter__(self) -> Call:
        """The call begins. Raises BudgetExceeded where a guard is asked for and a budget is spent."""
        client, around = current(), here()
        given = self._fields
        merged = with_fields(around, given, _ATTRIBUTION)
        record = self._record = Record(**given)
        record.__dict__.update(merged)
        record.attributed = True
        name = record.external_request_id
        if name is None:
            name = record.external_request_id = new_request_id()
        if client is not None and (self._guard or (self._guard is None and client.settings.guard)):
            client.guard(record)
        if around.attempts is not None:
            around.attempts.begin()
        self._attempts = Attempts(name, around.attempts)
        self._within = Within(Held(merged, self._attempts, self))
        self._within.__enter__()
        self._ended = False
        self._began = time.perf_counter()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """The call is over and told of; what was raised goes on."""
        took = time.perf_counter() - self._began
        self.pause(kind, error, trace)
        # Who reads only the beginning of a stream has not met an error.
        if error is not None and not isinstance(error, GeneratorExit):
            self._record.status = "error"
            if self._record.error_code is None:
                self._record.error_code = error_code(error)
        if self._record.latency_ms is None:
            self._record.latency_ms = round(took * 1000)
        self._tell()

    async def __aenter__(self) -> Call:
        """Likewise."""
        return self.__enter__()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Likewise."""
        self.__exit__(kind, error, trace)

    def pause(
        self,
        kind: type[BaseException] | None = None,
        error: BaseException | None = None,
        trace: TracebackType | None = None,
    ) -> None:
        """The call goes on, but not what follows here: a generator that gives something to its caller."""
        if self._within is not None:
            self._within.__exit__(kind, error, trace)

    def resume(self) -> None:
        """The caller wants more."""
        if self._within is not None:
            self._within.__enter__()

    def _update(self, fields: dict[str, Any]) -> None:
        try:
            self._record.update(**fields)
        except Exception as error:  # noqa: BLE001 - the application has got its answer; the figures are ours to worry about
            swallow(error, "usage")

    def _tell(self) -> None:
        client, attempts = current(), self._attempts
        if client is None or attempts is None or self._ended:
            return
        self._ended = True
        try:
            told_within = attempts.begun
            last = attempts.end()
            if last is not None:
                client.deliver(last)
            elif not told_within:
                client.deliver(self._record)
        except Exception as error:  # noqa: BLE001 - likewise
            swallow(error, "call")


class Context(Within):
    """What `context` makes."""

    def __init__(self, held: Held, attempts: Attempts | None) -> None:
        """`attempts`: those that are over with it."""
        super().__init__(held)
        self._attempts = attempts

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """What held before holds again. If all attempts made within failed, the last one is told of."""
        super().__exit__(kind, error, trace)
        client = current()
        if self._attempts is not None and client is not None:
            last = self._attempts.end()
            if last is not None:
                client.submit(last)


def context(**fields: Unpack[ContextFields]) -> Context:
    """What the calls made within are for: `feature="support.reply", user_id=…` and the like.

    It holds for what is awaited, for tasks started within and for `asyncio.to_thread`; for other threads bind the
    function with `in_context`. Contexts nest; the inner one adds to the outer one and overrides it. With
    `external_request_id` all attempts made within are one call of that id.
    """
    given = checked(dict(fields), _CONTEXT, "context")
    around = here()
    name = given.get("external_request_id")
    own = None if name is None else Attempts(name, around.attempts)
    return Context(Held(with_fields(around, given, _ATTRIBUTION), own or around.attempts, around.call), own)


def current_call() -> Call | None:
    """The innermost `call` or tracked function around; None: there is none."""
    return here().call


def call(*, guard: bool | None = None, **fields: Unpack[CallFields]) -> Call:
    """One call, made in a `with` block over what comes back, is told of: what it took, used and how it ended.

    `guard=True`: raise BudgetExceeded instead, if a budget it falls under is known to be spent.
    """
    return Call(guard, dict(fields))


def guard(**fields: Unpack[CallFields]) -> None:
    """Raise BudgetExceeded if a budget is known to be spent that a call of this attribution, made here, falls under."""
    client = current()
    if client is not None:
        client.guard(Record(**checked(dict(fields), _CALL, "guard")))


def track(**fields: Unpack[CallFields]) -> str:
    """Tell of one call that is over. Gives back its external request id; "" where nobody is told."""
    client = current()
    return "" if client is None else client.track(**fields)
