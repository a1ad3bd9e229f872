"""A call that is let in, in; its answer out: from the cache, or made and looked at by the guards of its plan, and told when it is over."""

import time
from typing import Any

from starlette.types import Message, Receive, Send

from farthing.access.identity import Identity
from farthing.errors import SpentError
from farthing.gateway import cache, guarding
from farthing.gateway.admission import Ticket
from farthing.gateway.cache import Cache, Kept
from farthing.gateway.guarding import GuardBlockedError
from farthing.gateway.journal import Journal
from farthing.gateway.late_usage import LateUsage
from farthing.gateway.passage import Passage, Request
from farthing.gateway.records import Attempt, Record
from farthing.gateway.refusals import Headers
from farthing.gateway.relay import MOST_READ, Relay
from farthing.gateway.said import Said, is_kept
from farthing.gateway.telling import Telling, Told
from farthing.gateway.upstream.client import Upstream

_NOTHING_USED = '{"input_tokens":0,"output_tokens":0}'
_OF_THE_BODY = (b"content-type", b"content-encoding", b"content-length", b"content-language")
_OK = 200
_STREAM = "text/event-stream"


class Out:
    """The way back to the client."""

    def __init__(self, send: Send) -> None:
        """Nothing has been sent yet."""
        self.send = send
        self.told: Headers = []
        """For the client, whatever the answer."""
        self.relay: Relay | None = None
        self.held: _Held | None = None
        self.who: Identity | None = None
        self.model = ""
        self.is_attempted = False
        """Whether a provider was asked, or its answer given again."""

    @property
    def begun(self) -> bool:
        """Whether the client has a part of its answer."""
        return self.held.begun if self.held is not None else self.relay is not None and self.relay.begun


class Answering:
    """Answers calls. Its state belongs to the event loop."""

    def __init__(self, upstream: Upstream, journal: Journal, telling: Telling, late: LateUsage, kept: Cache) -> None:
        """All collaborators are running."""
        self._upstream = upstream
        self._journal = journal
        self._telling = telling
        self._late = late
        self._cache = kept

    async def answer(self, request: Request, ticket: Ticket, receive: Receive, out: Out) -> None:
        """Answer it. Raises `FarthingError` for what is to be answered, `CutError` for what can't be any more."""
        pays = bool(request.found.kind.operation)
        passage = Passage(request, self._upstream, self._journal if pays else None, ticket.once_more)
        plan = request.plan
        said = _overheard(request, out) if pays else None
        try:
            if not plan.guards and not plan.cache_ttl_s and not ticket.is_cache_only:  # as nearly always
                relay = out.relay = Relay(out.send, out.told, request.found.kind.reads, passage.end)
                await passage.run(receive, relay)
                return
            kind = request.entry.headers.get("content-type", "")
            _tag(request.call.attributes, guarding.of_request(plan, request.asked, kind))
            key = _key(request, passage) if pays else b""
            found = self._cache.get(key, time.monotonic()) if key else None
            if found is not None:
                await self._again(found, passage.record, out)
            elif ticket.is_cache_only:
                msg = "A budget has no room for this call, and its answer is not in the cache."
                raise SpentError(msg)
            else:
                await self._made(request, passage, key, receive, out)
        finally:
            out.is_attempted = bool(passage.record.attempts)
            if said is not None:
                said.over(passage.sent)
            self._over(passage.record, ticket, said, pays=pays)
            if request.found.kind.tells_later and passage.record.attempts:
                self._late.learn(request.call.project_id, passage.record.attempts[-1])

    async def _made(self, request: Request, passage: Passage, key: bytes, receive: Receive, out: Out) -> None:
        """Make the call; its answer is kept, and looked at, as the plan wants it."""
        plan = request.plan
        guarded = bool(guarding.of_answers(plan))
        if guarded:
            request.entry.accepts_gzip = False
        if key:
            out.told.append((b"x-farthing-cache", b"miss"))

        def look(body: bytes | None, *, streams: bool) -> None:
            attempt = passage.record.attempts[-1]
            try:
                self._mark(attempt, request, guarding.of_answer(plan, body, held.encoding, held.kind, streams=streams))
            except GuardBlockedError as error:
                self._mark(attempt, request, error.marks)
                raise

        held = out.held = _Held(out.send, holds=guarded, look=look)
        relay = out.relay = Relay(held.send, out.told, request.found.kind.reads, passage.end)
        try:
            await passage.run(receive, relay)
        finally:
            if guarded and held.streams:
                look(None if held.overflown else b"".join(held.parts), streams=True)
        if key and held.status == _OK and held.ended and not held.overflown:
            self._keep(key, held, passage.record, plan.cache_ttl_s)

    def _mark(self, attempt: Attempt, request: Request, marks: guarding.Marks) -> None:
        if marks:
            attempt.facts = {**attempt.facts, "metadata": guarding.tagged(request.call.attributes, marks)}
            self._journal.amend(attempt)

    def _keep(self, key: bytes, held: "_Held", record: Record, ttl_s: int) -> None:
        attempt = record.attempts[-1]
        # What was cut off, or is no answer of a model, tells no end and no usage.
        if attempt.error or not (attempt.finish or (attempt.usage and not held.streams)):
            return
        saved = self._telling.cost_of(Record(record.call, [attempt]))
        headers = [(name, value) for name, value in held.headers if name in _OF_THE_BODY]
        kept = Kept(
            headers, tuple(held.parts), attempt.provider, attempt.account, attempt.model, attempt.response_model,
            attempt.finish, saved or "", time.monotonic(),
        )  # fmt: skip
        self._cache.put(key, kept, ttl_s)

    async def _again(self, kept: Kept, record: Record, out: Out) -> None:
        """The same bytes once more. It is a call that used nothing, and tells what it would have cost."""
        call, now = record.call, time.time_ns()
        call.attributes.pop("gen_ai.usage.characters", None)
        facts: dict[str, Any] = {
            "farthing.cache": "hit",
            "metadata": guarding.tagged(call.attributes, {"gateway.cache": "hit"}),
        }
        if kept.saved_usd:
            facts["farthing.saved_usd"] = kept.saved_usd
        # The id of the answer is left out: by that it would be taken for the call it was first given to.
        attempt = Attempt(
            call.id, 1, kept.provider, kept.account, kept.model, now, now, _OK,
            response_model=kept.response_model, finish=kept.finish, usage=_NOTHING_USED, first_ns=now, facts=facts,
        )  # fmt: skip
        record.attempts.append(attempt)
        self._journal.whole(call, attempt)
        age = str(int(time.monotonic() - kept.at)).encode()
        headers = [*kept.headers, *out.told, (b"x-farthing-cache", b"hit"), (b"age", age)]
        await out.send({"type": "http.response.start", "status": _OK, "headers": headers})
        for part in kept.parts:
            await out.send({"type": "http.response.body", "body": part, "more_body": True})
        await out.send({"type": "http.response.body", "body": b""})

    def _over(self, record: Record, ticket: Ticket, said: Said | None, *, pays: bool) -> None:
        if pays and record.attempts:
            ticket.over(record)
            self._telling.tell([Told(record, ticket.told, ticket.priced, said)])
        else:
            ticket.release()


class _Held:
    """What goes to the client, remembered; and held back until it was looked at, where it comes in one piece."""

    def __init__(self, send: Send, *, holds: bool, look: Any) -> None:
        self._send = send
        self._holds = holds
        self._look = look
        self._waiting: list[Message] = []
        self._size = 0
        self.begun = False
        self.ended = False
        self.status = 0
        self.streams = False
        self.kind = ""
        self.encoding = ""
        self.headers: Headers = []
        self.parts: list[bytes] = []
        self.overflown = False

    async def send(self, message: Message) -> None:
        """As ASGI's."""
        if message["type"] == "http.response.start":
            self.status, self.headers = message["status"], message["headers"]
            self.kind = self._header(b"content-type").partition(";")[0].strip()
            self.streams = self.kind == _STREAM
            self.encoding = self._header(b"content-encoding")
            self._holds = self._holds and not self.streams and self.status == _OK
        elif body := message.get("body", b""):
            self._remember(body)
        last = message["type"] == "http.response.body" and not message.get("more_body")
        if self._holds:
            self._waiting.append(message)
            if not last and not self.overflown:
                return
            self._look(None if self.overflown else b"".join(self.parts), streams=False)
            self._holds = False
            for one in self._waiting:
                await self._pass(one)
            self._waiting.clear()
        else:
            await self._pass(message)
        self.ended = self.ended or last

    def _header(self, name: bytes) -> str:
        return next((value.decode("latin-1").strip().lower() for told, value in self.headers if told == name), "")

    async def _pass(self, message: Message) -> None:
        self.begun = True
        await self._send(message)

    def _remember(self, body: bytes) -> None:
        self._size += len(body)
        if self._size > (MOST_READ if self._holds else cache.LARGEST):
            self.overflown = True
            self.parts.clear()
        elif not self.overflown:
            self.parts.append(body)


def _tag(attributes: dict[str, Any], marks: guarding.Marks) -> None:
    if marks:
        attributes["metadata"] = guarding.tagged(attributes, marks)


def _overheard(request: Request, out: Out) -> Said | None:
    """Listens to a call whose content is kept."""
    who, entry, rule = out.who, request.entry, request.plan.keeps_content
    if who is None or not is_kept(rule, entry.content, key_keeps=who.keeps_content):
        return None
    # It can't be read when it is packed.
    entry.accepts_gzip = False
    said = Said()
    out.send = said.listening(out.send)
    return said


def _key(request: Request, passage: Passage) -> bytes:
    """By what its answer is kept; b"" where it is not."""
    entry, asked = request.entry, request.asked
    if not request.plan.cache_ttl_s or asked is None or not asked.is_json or entry.brings_key:
        return b""
    if entry.headers.get("cache-control", "").lower() in ("no-cache", "no-store"):
        return b""
    return cache.key(request.call.project_id, request.plan, entry, passage.first())
