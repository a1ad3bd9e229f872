"""A block of the application that makes one call goes in; how long it took, what it used and how it ended is told of."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Final, cast

from farthing_sdk._attempts import Attempts
from farthing_sdk._client import current
from farthing_sdk._context import Held, Place, Within, checked, fill, here, hold, let_go, with_fields
from farthing_sdk._record import AttributionFields, CallFields, ContextFields, Record, UsageFields
from farthing_sdk._trouble import swallow

if TYPE_CHECKING:
    from collections.abc import Mapping
    from contextvars import Token
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


class Call(Attempts):
    """One call while it lasts. Made by `call` and `tracked`.

    If a wrapped client, `track` or another `call` tells of calls made within, those are told of, with this one's
    attribution and id, and the block itself isn't a call.
    """

    __slots__ = ("_around", "_before", "_clock", "_fields", "_given", "_guard", "record")

    record: Record
    """What is known of it so far."""

    def __init__(self, guard: bool | None, given: dict[str, Any]) -> None:
        """Nothing happens before it is entered."""
        self._given = given if _CALL.issuperset(given) else checked(given, _CALL, "call")
        self._guard = guard
        self._before: Token[Place] | None = None
        self._clock = 0.0
        self.record = Record()

    @property
    def fields(self) -> Mapping[str, Any]:
        """The attribution of what is made within."""
        if self._fields is None:
            self._fields = with_fields(self._around, self._given, _ATTRIBUTION)
        return self._fields

    @property
    def attempts(self) -> Attempts:
        """What is made within is an attempt at this."""
        return self

    @property
    def call(self) -> Call:
        """The block itself."""
        return self

    def first_token(self) -> None:
        """The first token is here. Only the first time counts."""
        if self.record.ttft_ms is None:
            self.record.ttft_ms = round((time.perf_counter() - self._clock) * 1000)
            self.record.streaming = True

    def usage(self, **fields: Unpack[UsageFields]) -> None:
        """What the provider says was used."""
        self._update(fields if _USAGE.issuperset(fields) else checked(dict(fields), _USAGE, "usage"))

    def set(self, **fields: Unpack[CallFields]) -> None:
        """Whatever else has become known."""
        self._update(fields if _CALL.issuperset(fields) else checked(dict(fields), _CALL, "call"))

    def retry(self) -> None:
        """It is tried again, under the same id."""
        self.record.attempts += 1

    def error(self, code: str) -> None:
        """It ended badly, though nothing is raised."""
        self.record.status = "error"
        self.record.error_code = code

    def __enter__(self) -> Call:
        """The call begins. Raises BudgetExceeded where a guard is asked for and a budget is spent."""
        around = self._around = here()
        given = self._given
        record = self.record
        if self._clock:
            record = self.record = Record()
        said = record.__dict__
        said.update(given)
        # Each function that is asked costs a processor that has forgotten it more than what it does.
        fields = around.fields
        if fields or "metadata" in said:
            fill(said, fields)
        record.attributed = True
        self._fields: Mapping[str, Any] | None = None
        if self._guard is not False:
            client = current()
            if client is not None and (self._guard or client.settings.guard):
                client.guard(record)
        outer = around.attempts
        if outer is not None:
            outer.begin()
        Attempts.__init__(self, given.get("external_request_id"), outer)
        self._before = hold(self)
        self._clock = time.perf_counter()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """The call is over and told of; what was raised goes on."""
        took = time.perf_counter() - self._clock
        if self._before is not None:
            let_go(self._before)
            self._before = None
        record = self.record
        # Who reads only the beginning of a stream has not met an error.
        if error is not None and not isinstance(error, GeneratorExit):
            record.status = "error"
            if record.error_code is None:
                record.error_code = error_code(error)
        if record.latency_ms is None:
            record.latency_ms = round(took * 1000)
        client = current()
        if client is None:
            return
        try:
            if not self._begun:
                self._ended = True
                # Without a name it gets one on its way, when nobody has asked for it before.
                record.external_request_id = self._name
                client.deliver(record)
                return
            last = self.end()
            if last is not None:
                client.deliver(last)
        except Exception as error:  # noqa: BLE001 - the application has its answer; the figures are ours to worry about
            swallow(error, "call")

    async def __aenter__(self) -> Call:
        """Likewise."""
        return self.__enter__()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Likewise."""
        self.__exit__(kind, error, trace)

    def pause(self) -> None:
        """The call goes on, but not what follows here: a generator that gives something to its caller."""
        if self._before is not None:
            let_go(self._before)
            self._before = None

    def resume(self) -> None:
        """The caller wants more."""
        self._before = hold(self)

    def _update(self, fields: Mapping[str, Any]) -> None:
        said = self.record.__dict__
        for name, value in fields.items():
            if value is not None:
                said[name] = value


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
    return Call(guard, cast("dict[str, Any]", fields))


def guard(**fields: Unpack[CallFields]) -> None:
    """Raise BudgetExceeded if a budget is known to be spent that a call of this attribution, made here, falls under."""
    client = current()
    if client is not None:
        client.guard(Record(**checked(dict(fields), _CALL, "guard")))


def track(**fields: Unpack[CallFields]) -> str:
    """Tell of one call that is over. Gives back its external request id; "" where nobody is told."""
    client = current()
    return "" if client is None else client.track(**fields)
