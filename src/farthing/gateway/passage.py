"""One call that may be made in; its attempts made, one after the other, until an answer goes to the client, out."""

import asyncio
import contextlib
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from email.utils import parsedate_to_datetime
from functools import lru_cache

import msgspec
from prometheus_client import Counter
from starlette.types import Receive

from farthing import vitals
from farthing.errors import FarthingError
from farthing.gateway import reading
from farthing.gateway.asked import Asked
from farthing.gateway.circuit import MOST, Place
from farthing.gateway.entry import Entry
from farthing.gateway.journal import Journal
from farthing.gateway.kinds import Found
from farthing.gateway.outgoing import Outgoing, outgoing
from farthing.gateway.records import CLIENT_GONE, INTERRUPTED, Attempt, Passed, Record, span_id
from farthing.gateway.refusals import UpstreamError
from farthing.gateway.relay import CutError, Relay
from farthing.gateway.upstream.answer import Answer
from farthing.gateway.upstream.client import Upstream
from farthing.model.call import CUT_OFF
from farthing.routing.plan import Plan, Strategy, Target

MOST_ERROR = 64 << 10
"""Of the answer to an attempt that will be repeated."""

_NEXT_TARGET = frozenset({401, 403, 404, 408, 413})
"""Statuses that asking the same target again can't change, but another may."""
_OUT_OF_ORDER = 500
_REFUSED = frozenset({400, 422})
_WITHOUT_BODY = frozenset({"GET", "HEAD", "DELETE", "OPTIONS"})


class Request(msgspec.Struct, frozen=True):
    """What is passed on."""

    method: str
    query: str
    found: Found
    asked: Asked | None
    """None where the body is passed on as it comes."""
    entry: Entry
    plan: Plan
    call: Passed
    length: int | None = None
    """Bytes of a body that is passed on as it comes, where the client told; some providers take no other."""


class _Chances(msgspec.Struct, frozen=True):
    """What may still be tried when an attempt fails."""

    same: bool
    """This target once more."""
    other: bool
    """Another target."""


class Passage:
    """One call. Use it once."""

    def __init__(
        self, request: Request, upstream: Upstream, journal: Journal | None, once_more: Callable[[], Awaitable[bool]]
    ) -> None:
        """Without a journal nothing is written down. `once_more`: as a ticket's."""
        self._request = request
        self._upstream = upstream
        self._journal = journal
        self._once_more = once_more
        self._failed: UpstreamError | None = None
        self._span = span_id(request.call.id).hex()
        self._gone = False
        self._watcher: asyncio.Task[None] | None = None
        self.record = Record(request.call, [])
        self.sent: bytes | None = None
        """The body as it went to the last target; None where it passed as it came."""

    def first(self) -> Outgoing:
        """The request to the first target, as it would be made."""
        out = self._outgoing(self._request.plan.targets[0], asks_usage=True)
        self.sent = out.body
        return out

    async def run(self, receive: Receive, relay: Relay) -> None:
        """Make it, and hand the answer to `relay`.

        Raises `UpstreamError` for what is to be answered, `CutError` for what can't be any more.
        """
        task = asyncio.current_task(self._upstream.loop)
        assert task is not None  # noqa: S101  a door's handler is one
        request = self._request
        has_body = request.asked is None and request.method not in _WITHOUT_BODY
        body = _passed_on(receive, lambda: self._watch(receive, task), lambda: self._leave(task)) if has_body else None
        # Most failures and small answers are faster than that: a task for each would cost more than it watches over.
        watching = None if has_body else self._upstream.later.add(lambda: self._watch(receive, task))
        try:
            await self._attempts(body, relay)
        except asyncio.CancelledError:
            if not self._gone:
                self._end_all(INTERRUPTED)
                raise
            task.uncancel()
            self._end_all(CLIENT_GONE)
        except FarthingError:  # whoever looks at the answer wants no more of it
            self._end_all(INTERRUPTED)
            raise
        finally:
            if watching is not None:
                watching.cancel()
            if self._watcher is not None:
                self._watcher.cancel()

    def _watch(self, receive: Receive, task: "asyncio.Task[None]") -> None:
        """End the call when the client goes away: nobody should pay for what nobody reads."""

        async def until_gone() -> None:
            while (await receive())["type"] != "http.disconnect":
                pass
            self._leave(task)

        self._watcher = asyncio.create_task(until_gone())

    def _leave(self, task: "asyncio.Task[None]") -> None:
        self._gone = True
        task.cancel()

    async def _attempts(self, body: AsyncIterator[bytes] | None, relay: Relay) -> None:
        plan = self._request.plan
        targets = self._in_order()
        most = max(1, plan.retries.attempts)
        if body is not None:  # what is passed on as it comes is gone after the first attempt
            targets, most = targets[:1], 1
        for at, target in enumerate(targets):
            for go in range(most):
                chances = _Chances(go < most - 1, at < len(targets) - 1)
                if self._failed is not None and self._failed.code in CUT_OFF and not await self._once_more():
                    raise self._failed
                self._failed = None
                wait = await self._attempt(target, body, relay, chances)
                if wait is None:
                    return
                if wait < 0 or not chances.same:
                    break
                await asyncio.sleep(min(max(wait, _backoff(go, plan.retries.base_s)), plan.retries.longest_s))

    async def _attempt(
        self, target: Target, body: AsyncIterator[bytes] | None, relay: Relay, chances: _Chances
    ) -> float | None:
        """None when the client has its answer; else the seconds the provider wants to be left alone, -1 to leave this target."""
        ways = self._place(target)
        asks_usage = ways not in self._upstream.without_usage
        out = self._outgoing(target, asks_usage=asks_usage)
        attempt = self._begin(target, out)
        circuits = self._upstream.circuits
        circuits.trying(ways, time.monotonic())
        said = b""
        try:
            answer = await self._ask(out, body)
            if out.hides_usage and answer.status in _REFUSED:
                said = await _some(answer)
                if b"stream_options" in said or b"include_usage" in said:
                    answer.close()
                    out, said = self._outgoing(target, asks_usage=False), b""
                    answer = await self._unasked(out, ways)
        except UpstreamError as error:
            self.end(attempt, error.code)
            circuits.failed(ways, time.monotonic())
            if chances.same or chances.other:
                self._failed = error
                return 0.0
            raise
        try:
            return await self._hand_on(answer, attempt, relay, chances, ways, hides_usage=out.hides_usage, said=said)
        except UpstreamError as error:  # the client has nothing of it yet
            circuits.failed(ways, time.monotonic())
            if not (chances.same or chances.other):
                raise
            self._failed = error
            return 0.0
        except CutError:
            circuits.failed(ways, time.monotonic())
            raise
        finally:
            answer.close()

    async def _hand_on(  # noqa: PLR0913  what there is to know of an answer
        self,
        answer: Answer,
        attempt: Attempt,
        relay: Relay,
        chances: _Chances,
        ways: Place,
        *,
        hides_usage: bool,
        said: bytes,
    ) -> float | None:
        """Let the client have it, unless another attempt may be better; as `_attempt`."""
        circuits = self._upstream.circuits
        attempt.status = answer.status
        if answer.status >= _OUT_OF_ORDER:
            circuits.failed(ways, time.monotonic())
        else:
            circuits.succeeded(ways)
        again = answer.status in self._request.plan.retries.statuses
        if (chances.same and again) or (chances.other and (again or answer.status in _NEXT_TARGET)):
            self.end(attempt, reading.whole(said or await _some(answer), "").error or str(answer.status))
            return _retry_after(answer) if again else -1.0
        await relay.pass_on(answer, attempt, hides_usage=hides_usage, said=said)
        return None

    async def _unasked(self, out: Outgoing, ways: Place) -> Answer:
        """We asked for what the client didn't, and that may be what was refused."""
        answer = await self._ask(out, None)
        # Others only repeat what they were sent, whatever they refuse.
        if answer.status not in _REFUSED and len(self._upstream.without_usage) < MOST:
            self._upstream.without_usage.add(ways)
        return answer

    def _place(self, target: Target) -> Place:
        asked = self._request.asked
        return target.account.id, target.model or (asked.model if asked else "")

    def _in_order(self) -> Sequence[Target]:
        """The targets as they are to be tried, those that are out of order last."""
        plan = self._request.plan
        if len(plan.targets) < 2:
            return plan.targets
        now = time.monotonic()
        well: list[Target] = []
        troubled: list[Target] = []
        for target in plan.targets:
            (troubled if self._upstream.circuits.is_open(self._place(target), now) else well).append(target)
        return (*_shared(plan, well), *_shared(plan, troubled))

    def _outgoing(self, target: Target, *, asks_usage: bool) -> Outgoing:
        request = self._request
        return outgoing(
            request.found, request.asked, request.entry, request.plan, target, request.query, self._span,
            asks_usage=asks_usage,
        )  # fmt: skip

    def _ask(self, out: Outgoing, body: AsyncIterator[bytes] | None) -> Awaitable[Answer]:
        request = self._request
        content = body if out.body is None else out.body
        return self._upstream.ask(
            request.method, out.address, out.headers, content, request.plan.timeouts, request.length
        )

    # what is written down

    def _begin(self, target: Target, out: Outgoing) -> Attempt:
        account, call = target.account, self._request.call
        number = len(self.record.attempts) + 1
        attempt = Attempt(call.id, number, account.provider, account.slug, out.model, time.time_ns())
        self.sent = out.body
        self.record.attempts.append(attempt)
        if self._journal is not None:
            try:
                if number == 1:
                    self._journal.began(call, attempt)
                else:
                    self._journal.note(attempt)
            except OSError:
                # Calls go on: what happens is still told, unless this process is killed before that.
                vitals.GATEWAY_UNJOURNALED.inc()
        return attempt

    def end(self, attempt: Attempt, error: str, told: reading.Told | None = None) -> None:
        """Write down what became of an attempt."""
        attempt.end_ns = time.time_ns()
        attempt.error = error
        if told is not None:
            attempt.error = error or told.error
            attempt.response_id, attempt.response_model = told.response_id, told.model
            attempt.finish, attempt.tier, attempt.usage = told.finish, told.tier, told.usage_json
            attempt.facts = told.facts
            if self._request.found.kind.tells_later:
                attempt.created_s = told.created_s
        if self._journal is not None:
            _counter(attempt.provider, attempt.status or attempt.error).inc()
            with contextlib.suppress(OSError):  # likewise
                self._journal.note(attempt)

    def _end_all(self, error: str) -> None:
        for attempt in self.record.attempts:
            if not attempt.end_ns:
                self.end(attempt, error)


@lru_cache(maxsize=1024)
def _counter(provider: str, status: int | str) -> Counter:
    return vitals.GATEWAY_ATTEMPTS.labels(provider, status)


def _shared(plan: Plan, targets: Sequence[Target]) -> Sequence[Target]:
    """By weight whoever is first; the others as they stand."""
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
    for name, unit in ((b"retry-after-ms", 0.001), (b"retry-after", 1.0)):
        with contextlib.suppress(ValueError):
            return max(0.0, float(answer.header(name)) * unit)
    with contextlib.suppress(ValueError, OverflowError):
        return max(0.0, parsedate_to_datetime(answer.header(b"retry-after")).timestamp() - time.time())
    return 0.0


async def _some(answer: Answer) -> bytes:
    """What is said with an error, as far as it matters."""
    parts: list[bytes] = []
    with contextlib.suppress(TimeoutError, UpstreamError):
        async with asyncio.timeout(5):
            while sum(map(len, parts)) < MOST_ERROR and (part := await answer.read()):
                parts.append(part)
    return b"".join(parts)


async def _passed_on(receive: Receive, then: Callable[[], None], gone: Callable[[], None]) -> AsyncIterator[bytes]:
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            gone()
            msg = "the client went away"
            raise ConnectionError(msg)
        if chunk := message.get("body", b""):
            yield chunk
        more = message.get("more_body", False)
    then()
