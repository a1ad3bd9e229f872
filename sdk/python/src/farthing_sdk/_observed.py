"""What is seen of one call through a wrapped client goes in; its record goes to the current client, once."""

from __future__ import annotations

import asyncio
import concurrent.futures
import sys
import threading
import time
from typing import TYPE_CHECKING, Any, Callable, Final

from farthing_sdk import _web
from farthing_sdk._call import error_code
from farthing_sdk._client import Client, current
from farthing_sdk._context import attribute
from farthing_sdk._left_over import left_over
from farthing_sdk._record import Record
from farthing_sdk._trouble import swallow
from farthing_sdk._unread import Chunk, Unread, parsed

if TYPE_CHECKING:
    from collections.abc import Mapping

Told = Callable[[Any], "dict[str, Any]"]
"""An answer → the fields it tells."""

_CANCELLED: Final = (asyncio.CancelledError, concurrent.futures.CancelledError, KeyboardInterrupt, SystemExit)
_LONG: Final = 64 * 1024
"""Longer events are read at once: what waits to be sent is to be small."""


class Observed:
    """One logical call: all its attempts, and its stream until the last event."""

    def __init__(self, record: Record, options: Any, answered: Told, chunk: Chunk) -> None:
        """It begins now. `answered` and `chunk` read what this provider says."""
        self.options = options
        self.record = record
        self.attempts = 0
        self.response: Any = None
        self.forced: Callable[[], None] | None = None
        """Set where usage was asked for by us: takes that back."""
        self.served: Callable[[], None] | None = None
        """To be told if it is served after all."""
        self.hiding = False
        self._answered = answered
        self._chunk = chunk
        self._began = time.perf_counter()
        self._open = [True]
        attribute(record)
        _web.begin(record)
        if record.traceparent is None:
            record.traceparent = traceparent()

    def answer(self, answer: Any) -> None:
        """All the provider said, in one piece."""
        self._tell(self._answered(answer))

    def seen(self, event: Mapping[str, Any]) -> bool:
        """One event of a stream; True once something was said."""
        self._read()
        told, says, last = self._chunk(event)
        if says:
            self.says()
        self._tell(told)
        if last:
            self.finish()
        return self.record.ttft_ms is not None

    def says(self) -> None:
        """Something was said."""
        if self.record.ttft_ms is None:
            self.record.ttft_ms = self._elapsed_ms()

    def later(self, data: bytes) -> None:
        """An event that tells what need not be known yet: it is read where the record is sent."""
        if len(data) > _LONG:
            event = parsed(data)
            if event is not None:
                self._read()
                self._tell(self._chunk(event)[0])
        elif self._open:
            if self.record.unread is None:
                self.record.unread = Unread(self._chunk)
            self.record.unread.add(data)

    def failed(self, error: BaseException) -> None:
        """It ended with an exception."""
        self._read()
        if self.record.status == "success":
            self.record.status = "error"
            self.record.error_code = "cancelled" if isinstance(error, _CANCELLED) else _code(error)
        self.finish()

    def left(self) -> None:
        """The application stopped reading. What it used is known only if that was told before.

        The garbage collector may be who says so.
        """
        if not self._ends():
            return
        if self.record.unread is not None:
            self.record.unread.read(self.record.__dict__)
        if self.record.output_tokens is None:
            self.record.metadata = {**(self.record.metadata or {}), "stream_complete": False}
        left_over.put(self.record)

    def finish(self) -> None:
        """It is over; only the first time counts."""
        if not self._ends():
            return
        try:
            client = current()
            if client is not None:
                client.submit(self.record)
        except Exception as error:  # noqa: BLE001 - the application has done nothing wrong
            swallow(error, "wrapped client")

    def _read(self) -> None:
        """What came before is known before what comes now."""
        if self._open and self.record.unread is not None:
            self.record.unread.read(self.record.__dict__)

    def _ends(self) -> bool:
        try:
            self._open.pop()
        except IndexError:
            return False
        self.record.latency_ms = self._elapsed_ms()
        self.record.attempts = max(self.attempts, 1)
        return True

    def _tell(self, told: dict[str, Any]) -> None:
        said = self.record.__dict__
        for name, value in told.items():
            # Once it is over the record is no longer ours.
            if value is not None and self._open:
                said[name] = value

    def _elapsed_ms(self) -> int:
        return round((time.perf_counter() - self._began) * 1000)


def guarded(record: Record) -> None:
    """Raise BudgetExceeded where the application wants to be stopped."""
    client: Client | None = current()
    if client is not None and client.settings.guard:
        client.guard(record)


def _code(error: BaseException) -> str:
    body = getattr(error, "body", None)
    if isinstance(body, dict):
        inner: Any = body.get("error")  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
        for told in (inner, body):  # pyright: ignore[reportUnknownVariableType]
            for name in ("code", "type"):
                code: Any = told.get(name) if isinstance(told, dict) else None  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
                if isinstance(code, str) and code and code != "error":
                    return code
    return error_code(error)


def traceparent() -> str | None:
    """Of OpenTelemetry's current span, if the application has that loaded."""
    trace = sys.modules.get("opentelemetry.trace")
    if trace is None:
        return None
    span = trace.get_current_span().get_span_context()
    if not span.is_valid:
        return None
    return f"00-{span.trace_id:032x}-{span.span_id:016x}-{int(span.trace_flags):02x}"


class Refusing:
    """Hosts that refuse to be asked for usage: they are asked no more."""

    def __init__(self) -> None:
        """None is known yet."""
        self._hosts: set[str] = set()
        self._lock = threading.Lock()

    def __contains__(self, host: str) -> bool:
        """This one is known to refuse."""
        return host in self._hosts

    def add(self, host: str) -> None:
        """It has refused, and served the same call without."""
        with self._lock:
            if len(self._hosts) < 1000:
                self._hosts.add(host)
