"""A provider's answer in; the same to the client as it comes, read on the way, its end written down before the client has it, out."""

import asyncio
import time
from collections.abc import Callable

from starlette.types import Send

from farthing.gateway import reading, unpacking
from farthing.gateway.records import CLIENT_GONE, Attempt
from farthing.gateway.refusals import Headers, UpstreamError
from farthing.gateway.upstream.answer import Answer

MOST_READ = 64 << 20
"""An answer in one piece that is larger is passed on and not read."""

_AT_ONCE = 1 << 20

_STREAM = "text/event-stream"
_JSON = "application/json"
_MAYBE_JSON = frozenset({"text/plain", ""})
"""Some providers don't say, or not what it is. What has no length may be a stream of theirs, and goes on at once."""
_ANSWERS = 300
"""A status from here on is no answer of a model: somewhere else to ask, or an error."""

Note = Callable[[Attempt, str, reading.Told | None], None]
"""Writes down what became of an attempt: its error, "" for none, and what its answer told."""


class CutError(Exception):
    """The answer has begun and can't be finished: the connection to the client ends as the provider's did."""


class Relay:
    """The way of one call's answer."""

    def __init__(self, send: Send, headers: Headers, reads: str, note: Note) -> None:
        """`headers` are for the client, whatever the answer; `reads` names the shape its usage has."""
        self._send = send
        self._headers = headers
        self._reads = reads
        self._note = note
        self.begun = False
        """Whether the client has a part of its answer."""

    async def pass_on(self, answer: Answer, attempt: Attempt, *, hides_usage: bool, said: bytes = b"") -> None:
        """Pass it on; `said` is what of its body was read already.

        Raises `UpstreamError` where the client can still be told, `CutError` where it can't.
        """
        kind = answer.header(b"content-type").partition(";")[0].strip().lower()
        failed = answer.status >= _ANSWERS
        streams = kind == _STREAM and not failed
        headers = answer.headers + self._headers
        encoding = answer.header(b"content-encoding").lower()
        # What is packed goes on as it is, and only a copy of it is read.
        hides_usage = hides_usage and not unpacking.is_packed(encoding)
        if streams and hides_usage:
            headers = [one for one in headers if one[0] != b"content-length"]
        try:
            if streams and unpacking.can_unpack(encoding):
                await self._stream(answer, attempt, headers, encoding, hides_usage=hides_usage)
            elif failed or (
                self._reads and (kind == _JSON or (kind in _MAYBE_JSON and answer.header(b"content-length")))
            ):
                await self._whole(answer, attempt, headers, said, encoding)
            else:
                await self._unread(answer, attempt, headers)
        except UpstreamError as error:
            if not attempt.end_ns:
                self._note(attempt, error.code, None)
            if self.begun:
                raise CutError(error.code) from error
            raise

    async def _start(self, answer: Answer, headers: Headers) -> None:
        self.begun = True
        await self._send({"type": "http.response.start", "status": answer.status, "headers": headers})

    async def _some(self, body: bytes) -> None:
        await self._send({"type": "http.response.body", "body": body, "more_body": True})

    async def _last(self, body: bytes) -> None:
        await self._send({"type": "http.response.body", "body": body})

    async def _stream(
        self, answer: Answer, attempt: Attempt, headers: Headers, encoding: str, *, hides_usage: bool
    ) -> None:
        stream = reading.Stream(hides_usage=hides_usage)
        unpacked = unpacking.Unpacking(encoding) if unpacking.is_packed(encoding) else None
        told = stream.told
        noted = False
        await self._start(answer, headers)
        try:
            while chunk := await answer.read():
                attempt.first_ns = attempt.first_ns or time.time_ns()
                if unpacked is None:
                    passed = stream.feed(chunk)
                else:
                    await _read_along(stream, unpacked.feed(chunk))
                    passed = chunk
                if told.ended and not noted:
                    # A client stops reading here: from now on the call must not be lost.
                    noted = True
                    self._note(attempt, "", told)
                if passed:
                    await self._some(passed)
        except asyncio.CancelledError:
            self._note(attempt, "" if noted else CLIENT_GONE, told)
            raise
        except UpstreamError as error:
            self._note(attempt, error.code, told)
            raise
        rest = stream.rest()
        if not noted or rest:
            self._note(attempt, "", told)
        await self._last(rest)

    async def _whole(self, answer: Answer, attempt: Attempt, headers: Headers, said: bytes, encoding: str) -> None:
        """What is read once all of it is there; its last piece waits until that is written down."""
        parts: list[bytes] = []
        size = 0
        last = said
        while chunk := await answer.read():
            attempt.first_ns = attempt.first_ns or time.time_ns()
            if last:
                if not self.begun:
                    await self._start(answer, headers)
                await self._some(last)
                size += len(last)
                if size < MOST_READ:
                    parts.append(last)
            last = chunk
        body = last if not size else b"".join((*parts, last)) if size < MOST_READ else b""
        told = reading.whole(unpacking.whole(body, encoding) if encoding else body, self._reads)
        self._note(attempt, (told.error or str(answer.status)) if answer.status >= _ANSWERS else "", told)
        if not self.begun:
            self.begun = True
            await self._send({"type": "http.response.start", "status": answer.status, "headers": headers})
        await self._send({"type": "http.response.body", "body": last})

    async def _unread(self, answer: Answer, attempt: Attempt, headers: Headers) -> None:
        await self._start(answer, headers)
        while chunk := await answer.read():
            attempt.first_ns = attempt.first_ns or time.time_ns()
            await self._some(chunk)
        self._note(attempt, "", None)
        await self._last(b"")


async def _read_along(stream: reading.Stream, plain: bytes) -> None:
    """Look through what was packed, others' calls between: a few bytes can be many millions when they are unpacked."""
    stream.feed(plain[:_AT_ONCE])
    for at in range(_AT_ONCE, len(plain), _AT_ONCE):
        await asyncio.sleep(0)
        stream.feed(plain[at : at + _AT_ONCE])
