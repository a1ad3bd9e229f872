"""Requests in, and what a provider answers to each out: one connection, which is asked one thing after the other."""

import asyncio
import contextlib
import math
import os
from collections.abc import AsyncIterator, Callable
from typing import NamedTuple, cast

from httptools import HttpParserError, HttpParserUpgrade, HttpResponseParser

from farthing.gateway.refusals import Headers, UpstreamCutError, UpstreamError, UpstreamTimeoutError
from farthing.gateway.upstream.answer import Answer
from farthing.gateway.upstream.wire import Origin
from farthing.turning import end_of

MOST_BETWEEN = 256 << 10
"""Bytes of a head, or of what else is no body, before a provider is taken to make no sense."""

_LAST_BYTES = 64 << 10

_FINAL = 200
_LAST = 599
"""Some have statuses of their own above it; nobody's client and no server knows what to do with them."""
_WITHOUT_BODY = (204, 304)
WENT_AWAY = "The provider went away in the middle of its answer."


class Sent(NamedTuple):
    """A request as it goes out."""

    first: bytes
    """Its head, and its body where that is sent in one go."""
    pieces: AsyncIterator[bytes] | None
    """Else the body: sent as fast as it comes and the provider takes it."""
    is_head_only: bool
    """Whether the answer has no body, whatever it says."""
    ends_at: float
    """When an answer must have ended, in the loop's time."""
    quiet_s: float
    """A provider that says nothing for so long, at the beginning or later, has gone away."""


_NOTHING = Sent(b"", None, is_head_only=False, ends_at=math.inf, quiet_s=math.inf)


class Connection(asyncio.Protocol):
    """It belongs to the event loop."""

    def __init__(self, origin: Origin, loop: asyncio.AbstractEventLoop, free: Callable[["Connection"], None]) -> None:
        """`free` hears when it may be asked again."""
        self.origin = origin
        self.idle_since = 0.0
        self.lost: asyncio.Future[None] = loop.create_future()
        """Done when it is closed."""
        self.loop = loop
        self._turn = end_of(loop)
        self._free = free
        self._is_over = False
        # What is asked now, and what of its answer has been read.
        self._sent = _NOTHING
        self._answer: Answer | None = None
        self._headers: Headers = []
        self._stays = False
        self._ends_with_connection = False
        self._is_paused = False
        self._is_more_than_asked = False
        self._between = 0
        self._sending: asyncio.Task[None] | None = None
        self._room: asyncio.Future[None] | None = None
        self._quiet_since = 0.0
        self._looks_at = math.inf
        self._timer: asyncio.TimerHandle | None = None

    @property
    def is_usable(self) -> bool:
        """Whether it may be asked."""
        return not self._is_over and self._answer is None

    def ask(self, sent: Sent) -> Answer:
        """Send a request. Whoever asks closes the answer."""
        answer = self._answer = Answer(self, self.loop)
        self._sent = sent
        self._is_more_than_asked = False
        self._between = 0
        self._quiet_since = now = self.loop.time()
        self._look_at(min(sent.ends_at, now + sent.quiet_s))
        if sent.pieces is None:
            self._turn.add(self._say)
        else:
            self._transport.write(sent.first)
            self._sending = self.loop.create_task(self._send(sent.pieces))
        return answer

    @property
    def is_silent(self) -> bool:
        """Whether nothing came since it was asked."""
        return self._between == 0

    def close(self) -> None:
        """Nobody needs it any more."""
        self._end(UpstreamCutError(WENT_AWAY))

    # Of its answer.

    def wanted(self) -> None:
        """Whoever asked waits from now on."""
        self._quiet_since = self.loop.time()

    def taken(self) -> None:
        """There is room for more of the answer."""
        if self._is_paused and not self._is_over:
            self._is_paused = False
            self._transport.resume_reading()

    def drop(self, answer: Answer) -> None:
        """Nobody wants the rest of it."""
        if self._answer is answer:
            self.close()

    # Of asyncio.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """It can be asked."""
        self._transport = cast("asyncio.Transport", transport)
        self._parser = HttpResponseParser(self)
        # What other clients let pass.
        self._parser.set_dangerous_leniencies(
            lenient_headers=True, lenient_optional_cr_before_lf=True, lenient_spaces_after_chunk_size=True
        )

    def data_received(self, data: bytes) -> None:
        """A part of an answer, or all of it."""
        answer = self._answer
        if answer is None:  # nobody asked
            self.close()
            return
        self._quiet_since = self.loop.time()
        self._between += len(data)
        try:
            self._parser.feed_data(data)
        except (HttpParserError, HttpParserUpgrade) as error:
            self._end(_no_http(type(error).__name__))
            return
        if answer.is_whole:
            self._over()
        elif self._between > MOST_BETWEEN:
            self._end(_no_http("it does not come to its end"))
        answer.wake()

    def eof_received(self) -> None:
        """The provider says no more."""
        self._end(UpstreamCutError(WENT_AWAY), is_orderly=True)

    def connection_lost(self, exc: Exception | None) -> None:
        """It is closed."""
        if exc is not None:
            self._read_last()
        self._end(UpstreamCutError(WENT_AWAY), is_orderly=exc is None)
        del self._parser  # each holds the other
        if not self.lost.done():
            self.lost.set_result(None)

    def pause_writing(self) -> None:
        """The provider takes no more at the moment."""
        self._room = self.loop.create_future()

    def resume_writing(self) -> None:
        """It does again."""
        self._quiet_since = self.loop.time()
        if self._room is not None and not self._room.done():
            self._room.set_result(None)
        self._room = None

    # Of the parser.

    def on_message_begin(self) -> None:
        """An answer begins."""
        self._headers = []
        self._is_more_than_asked = self._answer is None or self._answer.is_whole

    def on_header(self, name: bytes, value: bytes) -> None:
        """One header, or a trailer."""
        self._headers.append((name, value))

    def on_headers_complete(self) -> None:
        """The head is whole: of the answer, or of one that goes before it."""
        status = self._parser.get_status_code()
        answer = self._answer
        if status < _FINAL or answer is None or answer.is_whole:
            return
        if status > _LAST:
            self._end(_no_http(f"its status is {status}"))
            return
        self._stays = self._parser.should_keep_alive() and not self._sent.is_head_only
        self._ends_with_connection = not self._stays and not _has_end(status, self._headers)
        self._between = 0
        answer.told(status, self._headers)
        answer.is_whole = self._sent.is_head_only

    def on_body(self, data: bytes) -> None:
        """A piece of its body."""
        self._between = 0
        answer = self._answer
        if answer is not None and not answer.is_whole and not answer.came(data) and not self._is_paused:
            self._is_paused = True
            self._transport.pause_reading()

    def on_message_complete(self) -> None:
        """It is whole."""
        answer = self._answer
        if answer is not None and answer.is_begun:
            answer.is_whole = True

    # Of itself.

    def _say(self) -> None:
        """What is asked, when all that asked in this turn of the loop do so."""
        if self._answer is not None and not self._is_over:
            self._transport.write(self._sent.first)

    def _over(self) -> None:
        """The answer is whole."""
        self._answer = None
        if not self._stays or self._is_more_than_asked or self._sending is not None:
            self.close()
            return
        self.taken()
        self._free(self)

    def _read_last(self) -> None:
        """Who refuses a request before all of it is there may say so and close; sending more fails then, though what was said came before that."""
        if self._transport.get_extra_info("ssl_object") is not None:
            return
        with contextlib.suppress(OSError):
            while self._answer is not None and (
                data := os.read(self._transport.get_extra_info("socket").fileno(), _LAST_BYTES)
            ):
                self.data_received(data)

    def _end(self, why: UpstreamError, *, is_orderly: bool = False) -> None:
        answer, self._answer = self._answer, None
        if answer is not None:
            if is_orderly and answer.is_begun and self._ends_with_connection:
                answer.is_whole = True
            elif not answer.is_whole:
                answer.failure = why
            # Also where it is whole: what came after it, in the same piece, may have been no HTTP.
            answer.wake()
        if self._is_over:
            return
        self._is_over = True
        if self._timer is not None:
            self._timer.cancel()
        if self._sending is not None:
            self._sending.cancel()
        self._transport.abort()

    async def _send(self, pieces: AsyncIterator[bytes]) -> None:
        is_sent = False
        try:
            with contextlib.suppress(OSError):  # of whoever it comes from
                async for piece in pieces:
                    if self._transport.is_closing():
                        break
                    self._transport.write(piece)
                    if self._room is not None:
                        await self._room
                is_sent = True
        finally:
            self._sending = None
            self._quiet_since = self.loop.time()
            if not is_sent:
                self.close()

    def _look_at(self, at: float) -> None:
        # One that was set for an earlier request looks too early, and then again: setting one for each would cost more.
        if at >= self._looks_at:
            return
        if self._timer is not None:
            self._timer.cancel()
        self._looks_at = at
        self._timer = self.loop.call_at(at, self._look)

    def _look(self) -> None:
        """Is the provider too slow?"""
        self._timer, self._looks_at = None, math.inf
        answer, sent, now = self._answer, self._sent, self.loop.time()
        if answer is None:
            return
        is_waited_for = answer.is_wanted and (self._sending is None or self._room is not None)
        quiet_until = (self._quiet_since if is_waited_for else now) + sent.quiet_s
        if now >= min(sent.ends_at, quiet_until):
            self._end(UpstreamTimeoutError("The provider did not answer in time."))
        else:
            self._look_at(min(sent.ends_at, quiet_until))


def _has_end(status: int, headers: Headers) -> bool:
    """Whether an answer tells where it ends; else it ends with the connection."""
    if status in _WITHOUT_BODY:
        return True
    told = {name.lower(): value for name, value in headers}
    if coding := told.get(b"transfer-encoding"):
        return coding.rstrip().lower().endswith(b"chunked")
    return b"content-length" in told


def _no_http(why: str) -> UpstreamCutError:
    return UpstreamCutError(f"The provider's answer is no HTTP ({why}).")
