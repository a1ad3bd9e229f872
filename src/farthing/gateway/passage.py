"""One call that may be made in; its attempts made, one after the other, and the answer passed on as it comes, out."""

import asyncio
import contextlib
import logging
import random
import time
import zlib
from collections.abc import AsyncIterator, Sequence

import aiohttp
from starlette.types import Receive, Send

from farthing import vitals
from farthing.errors import FarthingError
from farthing.gateway import reading, refusals, upstream
from farthing.gateway.asked import Asked
from farthing.gateway.entry import Entry
from farthing.gateway.journal import Journal
from farthing.gateway.kinds import Found
from farthing.gateway.outgoing import Outgoing, outgoing
from farthing.gateway.records import CLIENT_GONE, INTERRUPTED, Attempt, Passed, Record, span_id
from farthing.gateway.upstream import Answer, Upstream
from farthing.routing.plan import Plan, Strategy, Target

log = logging.getLogger(__name__)

Headers = list[tuple[bytes, bytes]]

MOST_READ = 64 << 20
"""An answer in one piece that is larger is passed on and not read."""
MOST_ERROR = 64 << 10
"""Of the answer to an attempt that will be repeated."""

_STREAM = "text/event-stream"
_NEXT_TARGET = frozenset({401, 403, 404, 408, 413})
"""Statuses that asking the same target again can't change, but another may."""


class CutError(Exception):
    """The answer has begun and can't be finished: the connection to the client ends as the provider's did."""


class Passage:
    """One call. Use it once."""

    def __init__(  # noqa: PLR0913  all that one call is made of
        self,
        found: Found,
        asked: Asked | None,
        entry: Entry,
        plan: Plan,
        call: Passed,
        told: Headers,
        *,
        upstream: Upstream,
        journal: Journal | None,
    ) -> None:
        """`told` are headers for the client, whatever the answer; without a journal nothing is written down."""
        self._found = found
        self._asked = asked
        self._entry = entry
        self._plan = plan
        self._call = call
        self._headers = told
        self._upstream = upstream
        self._journal = journal
        self.record = Record(call, [])
        self._begun = False
        self._gone = False

    async def run(self, method: str, query: str, receive: Receive, send: Send) -> None:
        """Make it. Raises `FarthingError` for what is to be answered, `CutError` for what can't be any more."""
        task = asyncio.current_task()
        assert task is not None  # noqa: S101  a door's handler is one
        body = _passed_on(receive) if self._asked is None and method not in ("GET", "HEAD", "DELETE") else None
        watch = asyncio.create_task(self._watch(receive, task)) if body is None else None
        try:
            await self._attempts(method, query, body, send)
        except asyncio.CancelledError:
            if not self._gone:
                self._end_all(INTERRUPTED)
                raise
            task.uncancel()
            self._end_all(CLIENT_GONE)
        finally:
            if watch is not None:
                watch.cancel()

    async def _watch(self, receive: Receive, task: "asyncio.Task[None]") -> None:
        """End the call when the client goes away: nobody should pay for what nobody reads."""
        while (await receive())["type"] != "http.disconnect":
            pass
        self._gone = True
        task.cancel()

    def _end_all(self, error: str) -> None:
        for attempt in self.record.attempts:
            if not attempt.end_ns:
                self._end(attempt, error)

    # attempt after attempt

    async def _attempts(self, method: str, query: str, body: AsyncIterator[bytes] | None, send: Send) -> None:
        targets = _in_order(self._plan)
        retries = self._plan.retries
        # What is passed on as it comes is gone after the first attempt.
        most = 1 if body is not None else max(1, retries.attempts)
        targets = targets[:1] if body is not None else targets
        number = 0
        for at, target in enumerate(targets):
            is_last = at == len(targets) - 1
            for go in range(most):
                number += 1
                final = is_last and go == most - 1
                wait = await self._attempt(target, number, method, query, body, send, final=final, again=go < most - 1)
                if wait is None:
                    return
                if go < most - 1 and not wait < 0:
                    pause = min(max(wait, _backoff(go, retries.base_s)), retries.longest_s)
                    await asyncio.sleep(pause)
                elif wait < 0:
                    break

    async def _attempt(  # noqa: PLR0913
        self,
        target: Target,
        number: int,
        method: str,
        query: str,
        body: AsyncIterator[bytes] | None,
        send: Send,
        *,
        final: bool,
        again: bool,
    ) -> float | None:
        """None when the client has its answer; else the seconds the provider wants to be left alone, -1 to leave this target."""
        out = outgoing(self._found, self._asked, self._entry, self._plan, target, query, span_id(self._call.id).hex())
        attempt = self._begin(target, out, number)
        try:
            answer = await self._upstream.ask(
                method, out.address, out.headers, body if out.body is None else out.body, self._plan.timeouts
            )
        except refusals.UpstreamError as error:
            self._end(attempt, error.code)
            if final:
                raise
            return 0.0
        try:
            attempt.status = answer.status
            statuses = self._plan.retries.statuses
            if not final and (answer.status in statuses or (not again and answer.status in _NEXT_TARGET)):
                said = await _some(answer)
                self._end(attempt, reading.whole(said, "").error or str(answer.status))
                return _retry_after(answer) if answer.status in statuses else -1.0
            await self._relay(answer, attempt, out, send)
        finally:
            answer.release() if answer.content.at_eof() else answer.close()
        return None

    def _begin(self, target: Target, out: Outgoing, number: int) -> Attempt:
        account = target.account
        attempt = Attempt(self._call.id, number, account.provider, account.slug, out.model, time.time_ns())
        self.record.attempts.append(attempt)
        if self._journal is not None:
            if number == 1:
                self._journal.began(self._call, attempt)
            else:
                self._journal.note(attempt)
        return attempt

    def _end(self, attempt: Attempt, error: str = "", told: reading.Told | None = None) -> None:
        """Write down what became of it."""
        attempt.end_ns = time.time_ns()
        attempt.error = error
        if told is not None:
            attempt.response_id, attempt.response_model = told.response_id, told.model
            attempt.finish, attempt.tier, attempt.usage = told.finish, told.tier, told.usage_json
            attempt.facts = told.facts
            attempt.error = error or told.error
        if self._journal is not None:
            vitals.GATEWAY_ATTEMPTS.labels(
                attempt.provider, attempt.error if not attempt.status else attempt.status
            ).inc()
            with contextlib.suppress(OSError):  # its beginning is written: told is that the end is not known
                self._journal.note(attempt)

    # the answer, as it comes

    async def _relay(self, answer: Answer, attempt: Attempt, out: Outgoing, send: Send) -> None:
        kind = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
        streams = kind == _STREAM and answer.status < 400
        hides = streams and out.hides_usage
        headers = upstream.headers_of(answer, changed=hides) + self._headers
        try:
            if streams:
                await self._relay_stream(answer, attempt, headers, send, hides=hides)
            elif self._found.kind.reads and (kind == "application/json" or answer.status >= 400):
                await self._relay_whole(answer, attempt, headers, send)
            else:
                await self._relay_unread(answer, attempt, headers, send)
        except (TimeoutError, aiohttp.ClientError, OSError) as error:
            failed = upstream.failure(error)
            if not attempt.end_ns:
                self._end(attempt, failed.code)
            if self._begun:
                raise CutError(failed.code) from error
            raise failed from error

    async def _start(self, answer: Answer, headers: Headers, send: Send) -> None:
        self._begun = True
        await send({"type": "http.response.start", "status": answer.status, "headers": headers})

    async def _relay_stream(
        self, answer: Answer, attempt: Attempt, headers: Headers, send: Send, *, hides: bool
    ) -> None:
        stream = reading.Stream(hides_usage=hides)
        told = stream.told
        await self._start(answer, headers, send)
        content = answer.content
        noted = False
        try:
            while chunk := await content.readany():
                attempt.first_ns = attempt.first_ns or time.time_ns()
                passed = stream.feed(chunk)
                if told.ended and not noted:
                    # A client stops reading here: from now on the call must not be lost.
                    noted = True
                    self._end(attempt, told=told)
                if passed:
                    await send({"type": "http.response.body", "body": passed, "more_body": True})
        except asyncio.CancelledError:
            self._end(attempt, "" if noted else CLIENT_GONE if self._gone else INTERRUPTED, told)
            raise
        except (TimeoutError, aiohttp.ClientError, OSError) as error:
            self._end(attempt, upstream.failure(error).code, told)
            raise
        rest = stream.rest()
        if not noted or rest:
            self._end(attempt, told=told)
        await send({"type": "http.response.body", "body": rest})

    async def _relay_whole(self, answer: Answer, attempt: Attempt, headers: Headers, send: Send) -> None:
        """What is read when all of it is there. The last piece waits until it is written down."""
        content = answer.content
        parts: list[bytes] = []
        size = 0
        while chunk := await content.readany():
            attempt.first_ns = attempt.first_ns or time.time_ns()
            size += len(chunk)
            if (parts and size <= MOST_READ) or size > MOST_READ:
                if not self._begun:
                    await self._start(answer, headers, send)
                await send({"type": "http.response.body", "body": parts[-1] if parts else b"", "more_body": True})
            if size > MOST_READ:
                parts = [chunk]
            else:
                parts.append(chunk)
        body = b"".join(parts) if size <= MOST_READ else b""
        told = reading.whole(_unpacked(body, answer.headers.get("content-encoding", "")), self._found.kind.reads)
        failed = answer.status >= 400
        self._end(attempt, (told.error or str(answer.status)) if failed else "", told)
        if not self._begun:
            await self._start(answer, headers, send)
        await send({"type": "http.response.body", "body": parts[-1] if parts else b""})

    async def _relay_unread(self, answer: Answer, attempt: Attempt, headers: Headers, send: Send) -> None:
        await self._start(answer, headers, send)
        content = answer.content
        while chunk := await content.readany():
            attempt.first_ns = attempt.first_ns or time.time_ns()
            await send({"type": "http.response.body", "body": chunk, "more_body": True})
        self._end(attempt, str(answer.status) if answer.status >= 400 else "")
        await send({"type": "http.response.body", "body": b""})


def _in_order(plan: Plan) -> Sequence[Target]:
    targets = plan.targets
    if plan.strategy is not Strategy.BALANCE or len(targets) < 2:
        return targets
    weights = [target.weight for target in targets]
    if not any(weights):
        return targets
    first = random.choices(range(len(targets)), weights)[0]  # noqa: S311  a share, no secret
    return (targets[first], *targets[:first], *targets[first + 1 :])


def _backoff(go: int, base_s: float) -> float:
    return base_s * 2**go * random.uniform(0.5, 1.0)  # noqa: S311


def _retry_after(answer: Answer) -> float:
    headers = answer.headers
    for name, unit in (("retry-after-ms", 0.001), ("retry-after", 1.0)):
        with contextlib.suppress(KeyError, ValueError):
            return max(0.0, float(headers[name]) * unit)
    return 0.0


async def _some(answer: Answer) -> bytes:
    """What is said with an error, as far as it matters."""
    with contextlib.suppress(TimeoutError, aiohttp.ClientError, OSError):
        async with asyncio.timeout(5):
            return await answer.content.read(MOST_ERROR)
    return b""


def _unpacked(body: bytes, encoding: str) -> bytes:
    if encoding != "gzip" or not body:
        return body
    try:
        return zlib.decompressobj(31).decompress(body, MOST_READ)
    except zlib.error:
        return b""


async def _passed_on(receive: Receive) -> AsyncIterator[bytes]:
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            msg = "the client went away"
            raise ConnectionError(msg)
        if chunk := message.get("body", b""):
            yield chunk
        more = message.get("more_body", False)


def refused(error: FarthingError, family: str, told: Headers) -> tuple[dict[str, object], dict[str, object]]:
    """The two messages that answer with an error."""
    status, headers, said = refusals.answer(error, family)
    return (
        {"type": "http.response.start", "status": status, "headers": headers + told},
        {"type": "http.response.body", "body": said},
    )
