"""The gateway's door: a model call in; it is let in or refused, passed on, and told when it is over, out.

It stands before the layers of the JSON API, for they take longer than all that is done here.
"""

import logging
import os
import time
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from typing import Any, Protocol

from fastapi import FastAPI
from starlette.types import ASGIApp, Receive, Scope, Send

from farthing import vitals
from farthing.access.credentials import Credential
from farthing.access.identity import Identity
from farthing.access.identity import Scope as KeyScope
from farthing.errors import BadRequestError, BusyError, FarthingError, TooLargeError, UnbuiltError, UnsupportedError
from farthing.gateway import asked as bodies
from farthing.gateway import browsers, forms, offers, refusals
from farthing.gateway import entry as entries
from farthing.gateway.admission import Admission, Ticket, Wanted
from farthing.gateway.answering import Answering, Out
from farthing.gateway.asked import Asked
from farthing.gateway.attribution import attribution
from farthing.gateway.cache import Cache
from farthing.gateway.checking import Checked, check
from farthing.gateway.entry import Entry
from farthing.gateway.journal import Journal
from farthing.gateway.kinds import REALTIME, Found, as_sent, find
from farthing.gateway.late_usage import LateUsage
from farthing.gateway.offers import Offers, Routes
from farthing.gateway.openapi import documented
from farthing.gateway.passage import Request
from farthing.gateway.records import Passed, span_id
from farthing.gateway.refusals import Headers, InternalError, LoopError, UpstreamCutError
from farthing.gateway.relay import CutError
from farthing.gateway.telling import Telling
from farthing.gateway.upstream.client import Upstream
from farthing.routing.plan import Account, Plan, Wish
from farthing.routing.refused import LONGEST, Refused

log = logging.getLogger(__name__)

_DRAWN_AT_ONCE = 256
_VARIANTS = {digit: "89ab"[int(digit, 16) % 4] for digit in "0123456789abcdef"}


def _ids() -> Iterator[str]:
    """UUIDs (version 4) in hex. Random bytes are drawn for many of them: each time, other threads may go first."""
    while True:
        drawn = os.urandom(16 * _DRAWN_AT_ONCE).hex()
        for at in range(0, len(drawn), 32):
            yield f"{drawn[at : at + 12]}4{drawn[at + 13 : at + 16]}{_VARIANTS[drawn[at + 16]]}{drawn[at + 17 : at + 32]}"


_IDS = _ids()
_MAY_CALL = KeyScope.GATEWAY
_ANSWERED = vitals.GATEWAY_CALLS.labels("answered")


_MOST_SHORTLY = 1_024
"""Clients choose what they ask for."""

MOST_HOPS = 3
"""A gateway may stand in front of another one. More of them are one that calls itself."""
_NO_REALTIME = (
    "Realtime sessions don't pass through this gateway: what they cost could be neither seen nor bounded. Ask the provider directly, or use "
    "chat/completions or responses with audio."
)


class Identifier(Protocol):
    """Knows keys."""

    def known(self, credential: Credential) -> Identity | None:
        """The same, where it need not be waited for; else None."""
        ...

    async def identify(self, credential: Credential) -> Identity:
        """Who sent this. Raises `UnauthenticatedError`."""
        ...


class Gateway:
    """The door for model calls."""

    def __init__(  # noqa: PLR0913  its parts
        self,
        keys: Identifier,
        routes: Routes,
        admission: Admission,
        journal: Journal,
        telling: Telling,
        late: LateUsage,
        refused: Callable[[str, Refused], None],
        *,
        most_bytes: int,
        stops_without_store: bool,
        most_cached: int = 64 << 20,
    ) -> None:
        """All collaborators are running; `refused` hears of the calls of projects that were refused before anybody was asked."""
        self._keys = keys
        self._routes = routes
        self._admission = admission
        self._telling = telling
        self._refused = refused
        self._most_bytes = most_bytes
        self._stops = stops_without_store
        self._upstream = Upstream()
        self._offers = Offers(self._upstream, routes, admission)
        self._answering = Answering(self._upstream, journal, telling, late, Cache(most_cached))
        self._held = 0
        self._shortly: dict[bytes, ASGIApp | None] = {}

    async def close(self) -> None:
        """No call comes any more."""
        await self._offers.close()
        await self._upstream.close()

    def describe(self, web: FastAPI) -> None:
        """Put what is answered here into the application's OpenAPI document."""
        others = web.openapi

        def openapi() -> dict[str, Any]:
            if web.openapi_schema is None or "/v1/models" not in web.openapi_schema["paths"]:
                web.openapi_schema = documented(others())
            return web.openapi_schema

        web.openapi = openapi

    def before(self, web: ASGIApp) -> ASGIApp:
        """An application that answers model calls itself and hands everything else on."""

        # Not awaited here: each further coroutine would cost a call something whenever it waits.
        def app(scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
            if (
                scope["type"] == "http"
                and scope["method"] == "OPTIONS"
                and (wanted := browsers.wants(scope["headers"]))
            ):
                return web(scope, receive, send) if find(scope["path"], wanted) is None else _let(scope, send)
            found = find(scope["path"], scope["method"]) if scope["type"] == "http" else None
            return web(scope, receive, send) if found is None else self._serve(found, scope, receive, send)

        return app

    def short(self, target: bytes) -> ASGIApp | None:
        """What answers a POST to this target, as it was sent, where that is a call of a model like nearly all."""
        if target in self._shortly:
            return self._shortly[target]
        if len(self._shortly) >= _MOST_SHORTLY:
            self._shortly.clear()
        found = None if b"%" in target or b"?" in target else find(target.decode("latin-1"), "POST")
        made = None if found is None or not found.kind.has_model else partial(self._serve, found)
        self._shortly[target] = made
        return made

    def acting(self, identity: Identity, path: str) -> ASGIApp:
        """An application that makes one call for somebody who is known already; `path` is what follows `/v1/`."""
        found = find(f"/v1/{path}", "POST")
        assert found is not None  # noqa: S101  who asks names a kind of call

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            await self._serve(found, {**scope, "query_string": b""}, receive, send, identity)

        return app

    async def check(self, account: Account) -> Checked:
        """Whether its provider answers."""
        return await check(self._upstream, account)

    async def _serve(
        self, found: Found, scope: Scope, receive: Receive, send: Send, known: Identity | None = None
    ) -> None:
        out = Out(send)
        if not found.kind.has_model:
            found = offers.understood(found, scope["headers"])
        if known is None and b"%" in (raw := scope.get("raw_path") or b"") and found.kind.name != "models":
            found = as_sent(found, scope["path"], raw)
        try:
            await self._pass(found, scope, receive, out, known)
        except CutError as error:
            vitals.GATEWAY_CALLS.labels(str(error)).inc()
            # What was held back reached nobody.
            await _refuse(UpstreamCutError("The provider went away in the middle of its answer."), found, out)
        except FarthingError as error:
            vitals.GATEWAY_CALLS.labels(error.code).inc()
            if not out.told and browsers.is_asking(scope["headers"]):  # else the page could not read why
                out.told += browsers.ANSWERS
            self._list(error, found, out)
            await _refuse(error, found, out)
        except Exception:
            log.exception("%s %s failed", scope["method"], scope["path"])
            vitals.GATEWAY_CALLS.labels("internal").inc()
            await _refuse(InternalError("Something broke in the gateway; the server's log says what."), found, out)
        else:
            _ANSWERED.inc()

    def _list(self, error: FarthingError, found: Found, out: Out) -> None:
        """What was refused before anybody was asked becomes no call, but somebody may want to know of it."""
        if out.who is not None and not out.is_attempted:
            who = out.who
            one = Refused(
                datetime.now(UTC), out.told[0][1].decode(), who.key_id, who.environment or "", found.kind.operation,
                out.model[:LONGEST], error.code, error.status, str(error)[:LONGEST],
            )  # fmt: skip
            self._refused(who.project_id, one)

    async def _pass(self, found: Found, scope: Scope, receive: Receive, out: Out, known: Identity | None) -> None:
        start_ns = time.time_ns()
        call_id = next(_IDS)
        query = scope["query_string"].decode("latin-1")
        has_model = found.kind.has_model
        if not has_model:
            found, query = offers.narrowed(found, query)
        entry = entries.read(scope["headers"], call_id, is_known=known is not None)
        out.told += _identifying(entry, call_id)
        if entry.is_of_page:
            out.told += browsers.ANSWERS
        identity = known or self._keys.known(entry.credential) or await self._keys.identify(entry.credential)
        out.who = identity
        identity.require(_MAY_CALL)
        self._check(found, entry)
        asked: Asked | None = None
        size = 0
        try:
            if has_model:
                body = await self._body(receive)
                size = len(body)
                self._held += size
                asked = _understood(body, found, entry)
                out.model = asked.model
            facts, attributes = attribution(identity, entry, asked)
            wish = _wish(found, identity, entry, asked, facts)
            lists = not has_model and offers.are_asked_for(found, scope["method"]) and not entry.brings_key
            plan = Plan(()) if lists else self._routes.plan(wish)
            wanted = Wanted(identity, found.kind, asked or Asked(b""), wish, plan, facts)
            if lists:
                await self._offers.answer(wanted, out)
                return
            ticket = await self._admission.admit(wanted)
            out.told += ticket.headers
            call = _call(wanted, call_id, start_ns, entry, ticket, attributes)
            length = _length(scope["headers"]) if asked is None else None
            request = Request(scope["method"], query, found, asked, entry, ticket.plan, call, length)
            await self._answering.answer(request, ticket, receive, out)
        finally:
            self._held -= size

    def _check(self, found: Found, entry: Entry) -> None:
        if entry.hops > MOST_HOPS:
            raise LoopError
        if found.kind.name == REALTIME:
            raise UnbuiltError(_NO_REALTIME)
        if self._stops and self._telling.is_failing:
            msg = "What calls cost can't be kept now, and without that no call is let through. Try again in a moment."
            raise BusyError(msg)

    async def _body(self, receive: Receive) -> bytes:
        message = await receive()
        if message["type"] == "http.request" and not message.get("more_body"):
            return self._bounded(message.get("body", b""))
        parts: list[bytes] = []
        size = 0
        while message["type"] == "http.request":
            part = message.get("body", b"")
            size += len(part)
            parts.append(part)
            if size > self._most_bytes or self._held + size > 6 * self._most_bytes:
                self._bounded(b"", size)
            if not message.get("more_body"):
                return b"".join(parts)
            message = await receive()
        msg = "The client went away before its request was complete."
        raise BadRequestError(msg)

    def _bounded(self, body: bytes, size: int = 0) -> bytes:
        size = size or len(body)
        if size > self._most_bytes:
            msg = f"The request is larger than {self._most_bytes >> 20} MiB; FARTHING_MAX_BODY_MB bounds it."
            raise TooLargeError(msg)
        if self._held + size > 6 * self._most_bytes:
            msg = "Other requests fill the memory. Send the same again in a moment."
            raise BusyError(msg)
        return body


def _length(headers: entries.RawHeaders) -> int | None:
    told = next((value for name, value in headers if name == b"content-length"), b"")
    return int(told) if told.isdigit() else None


async def _let(scope: Scope, send: Send) -> None:
    for message in browsers.leave(scope["headers"]):
        await send(message)


async def _refuse(error: FarthingError, found: Found, out: Out) -> None:
    if not out.begun:
        for message in refusals.messages(error, found.kind.family, out.told):
            await out.send(message)


def _identifying(entry: Entry, call_id: str) -> Headers:
    request_id = entry.request_id.encode()
    return [
        (b"x-farthing-request-id", request_id),
        (b"x-llmops-request-id", request_id),
        (b"traceparent", f"00-{entry.trace_id}-{span_id(call_id).hex()}-{entry.flags}".encode()),
    ]


def _understood(body: bytes, found: Found, entry: Entry) -> Asked:
    kind = entry.headers.get("content-type", "")
    if kind.startswith("multipart/form-data"):
        return forms.read(body, kind, found.kind, found.model)
    if "content-encoding" in entry.headers:
        msg = "A compressed request is not read here; send it as it is."
        raise UnsupportedError(msg)
    return bodies.read(body, found.kind, found.model)


def _wish(found: Found, identity: Identity, entry: Entry, asked: Asked | None, facts: dict[str, str]) -> Wish:
    model = asked.model if asked is not None else offers.model(found)
    has_tags = bool(entry.tags or (asked is not None and asked.metadata))
    if found.account:
        model = f"@{found.account}/{model}"
    return Wish(
        project_id=identity.project_id,
        environment=identity.environment or "",
        model=model,
        family=found.kind.family,
        config=entry.config,
        user=facts["user"],
        session=facts["session"],
        metadata={name[4:]: value for name, value in facts.items() if name.startswith("tag.")} if has_tags else {},
        request_id=entry.request_id,
        brings_key=entry.brings_key,
    )


def _call(
    wanted: Wanted, call_id: str, start_ns: int, entry: Entry, ticket: Ticket, attributes: dict[str, Any]
) -> Passed:
    kind, asked, plan = wanted.kind, wanted.asked, ticket.plan
    attributes |= asked.facts
    if asked.streams or kind.reads in ("chat", "responses", "messages"):
        attributes["gen_ai.request.stream"] = asked.streams
    if asked.tier:
        attributes["gen_ai.request.service_tier"] = asked.tier
    if asked.cap is not None:
        attributes["gen_ai.request.max_tokens"] = asked.cap
    if plan.config:
        attributes["farthing.config"] = plan.config
    if plan.variant:
        attributes["farthing.variant"] = plan.variant
        attributes["farthing.variant_version"] = plan.version
        attributes["gen_ai.prompt.version"] = f"{plan.variant}@{plan.version}"
    if plan.environment:
        attributes.setdefault("environment", plan.environment)
    reserved = ticket.reserved
    return Passed(
        call_id,
        entry.request_id,
        wanted.identity.project_id,
        wanted.identity.key_id,
        entry.trace_id,
        entry.parent_id,
        start_ns,
        kind.operation,
        attributes,
        str(reserved) if reserved else "",
        ticket.counted_by if reserved else [],
    )
