"""`POST /v1/ingest/llm-request` and `…/llm-requests`: JSON in, each call kept once, what happened to it out."""

import logging
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any, cast

import msgspec
from fastapi import FastAPI
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Send
from starlette.types import Scope as ASGIScope

from farthing import vitals
from farthing.access.allowances import Allowances
from farthing.access.credentials import from_headers
from farthing.access.identity import Identity, Scope
from farthing.access.rates import Buckets, State
from farthing.errors import BadRequestError, FarthingError, TooLargeError, UnsupportedError
from farthing.intake import direct_demo, direct_openapi
from farthing.intake.body import Limits
from farthing.intake.direct_answers import PLAN_LIMIT_REACHED, Told
from farthing.intake.direct_calls import Incoming, incoming
from farthing.intake.direct_keeping import Keeping
from farthing.intake.direct_shapes import MOST_CALLS, Answer, Answers, Batch, FieldError, Wrong
from farthing.intake.reception import Identifier
from farthing.prepare import Sender
from farthing.shapes import Shape

_BATCH = Shape(Batch)

log = logging.getLogger(__name__)

ONE, MANY, DEMO = "/v1/ingest/llm-request", "/v1/ingest/llm-requests", "/v1/ingest/demo"
LARGEST_ONE = 1 << 20
"""Bytes of a single call."""

_HERE = 1 << 16
"""A body up to this many bytes is decoded at once; a larger one on a thread, for all others wait meanwhile."""

_JSON = "application/json"
_PROBLEM = "application/problem+json"
INVALID, THROTTLED = "invalid", "throttled"

_KEPT, _DUPLICATE, _REFUSED = (vitals.CALLS_POSTED.labels(name) for name in ("kept", "duplicate", "refused"))

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder().decode

Read = list[Incoming | FieldError]


class _Post:
    """A request with no more of it than is asked for here."""

    __slots__ = ("_headers", "method", "path", "receive")

    def __init__(self, scope: ASGIScope, receive: Receive) -> None:
        self.receive = receive
        self.method: str = scope["method"]
        self.path: str = scope["path"]
        # Of a header that was sent twice the first one counts.
        self._headers: dict[bytes, bytes] = dict(reversed(scope["headers"]))

    def header(self, name: bytes) -> str | None:
        """A header by its name in small letters."""
        value = self._headers.get(name)
        return None if value is None else value.decode("latin-1")


class _Answered:
    """A response that is known whole: its status, headers and body."""

    __slots__ = ("_body", "_headers", "_status")

    def __init__(self, body: bytes, status: int, headers: Mapping[str, str]) -> None:
        self._body = body
        self._status = status
        self._headers = [(b"content-length", b"%d" % len(body)), (b"content-type", _JSON.encode())]
        if headers:
            self._headers += [(name.lower().encode(), value.encode()) for name, value in headers.items()]

    async def __call__(self, _scope: ASGIScope, _receive: Receive, send: Send) -> None:
        """ASGI."""
        await send({"type": "http.response.start", "status": self._status, "headers": self._headers})
        await send({"type": "http.response.body", "body": self._body})


Handler = Callable[[_Post], Awaitable[ASGIApp]]


class Direct:
    """The door for calls that are posted as JSON."""

    def __init__(
        self, keys: Identifier, keeping: Keeping, allowances: Allowances, limits: Limits, per_minute: int
    ) -> None:
        """`per_minute` calls of one key, unless something else was agreed; 0: as many as come."""
        self._keys = keys
        self._keeping = keeping
        self._allowances = allowances
        self._limits = limits
        self._per_minute = per_minute
        self._buckets = Buckets()

    def describe(self, web: FastAPI) -> None:
        """Put what is answered here into the application's OpenAPI document."""
        others = web.openapi

        def openapi() -> dict[str, Any]:
            if web.openapi_schema is None:
                web.openapi_schema = direct_openapi.documented(others(), ONE, MANY, DEMO)
            return web.openapi_schema

        web.openapi = openapi

    def before(self, web: ASGIApp) -> ASGIApp:
        """An application that answers posts to both paths itself and hands everything else on.

        Single calls come more often than anything else, and the layers of `web` take longer than all of the work here.
        """
        handlers = {ONE: self._one, MANY: self._many, DEMO: self._demo}

        async def app(scope: ASGIScope, receive: Receive, send: Send) -> None:
            handler = handlers.get(scope["path"]) if scope["type"] == "http" else None
            if handler is None:
                await web(scope, receive, send)
                return
            response = await self._answer(handler, _Post(scope, receive))
            await response(scope, receive, send)

        return app

    async def _answer(self, handle: Handler, request: _Post) -> ASGIApp:
        try:
            if request.method != "POST":
                return _problem(405, "method_not_allowed", f"{request.path} takes POST.", {"Allow": "POST"})
            return await handle(request)
        except FarthingError as error:
            vitals.REQUESTS_REFUSED.labels(error.code).inc()
            return refusal(error)
        except Exception:
            log.exception("POST %s failed", request.path)
            return _problem(500, "internal", "Something broke here; the server's log says what.", {})

    async def _one(self, request: _Post) -> ASGIApp:
        identity = await self._identity(request)
        async with self._limits.read(request.receive) as body:
            read = await self._read(request, body, identity, self._read_one, LARGEST_ONE)
        state = self._throttle(identity, 1)
        if state.wait_s:
            return _throttled(state)
        if isinstance(read[0], FieldError):
            raise read[0]
        answer = (await self._take(identity, read))[0]
        return _answered(answer, _status(answer), state)

    async def _many(self, request: _Post) -> ASGIApp:
        identity = await self._identity(request)
        async with self._limits.read(request.receive) as body:
            read = await self._read(request, body, identity, self._read_many, self._limits.body_bytes)
        state = self._throttle(identity, len(read))
        if state.wait_s:
            return _throttled(state)
        return await self._results(identity, read, state)

    async def _demo(self, request: _Post) -> ASGIApp:
        identity = await self._identity(request)
        state = self._throttle(identity, direct_demo.CALLS)
        if state.wait_s:
            return _throttled(state)
        read = self._read_many({"requests": direct_demo.calls(datetime.now(UTC))}, identity)
        return await self._results(identity, read, state)

    async def _results(self, identity: Identity, read: Read, state: State) -> ASGIApp:
        results = await self._take(identity, read)
        others = _not_new(results)
        duplicates, rejected = _counted(others)
        accepted = len(results) - duplicates - rejected
        # What is JSON already stays as it is.
        told = cast("list[Answer]", results)
        answers = Answers(ok=not rejected, accepted=accepted, duplicates=duplicates, rejected=rejected, results=told)
        # Telemetry pauses when there is nothing else to say: what was kept must not be sent again.
        paused = len(others) == len(results) and all(result.reason == PLAN_LIMIT_REACHED for result in others)
        return _answered(answers, HTTPStatus.PAYMENT_REQUIRED if paused else HTTPStatus.OK, state)

    async def _identity(self, request: _Post) -> Identity:
        sent = from_headers(request.header(b"authorization"), request.header(b"x-api-key"))
        found = await self._keys.identify(sent)
        found.require(Scope.INGEST)
        return found

    def _throttle(self, identity: Identity, calls: int) -> State:
        agreed = self._allowances.per_minute(identity.project_id, identity.key_id)
        per_minute = self._per_minute if agreed is None else agreed
        return self._buckets.take(identity.key_id, calls, per_minute, time.monotonic())

    async def _read(
        self,
        request: _Post,
        body: bytes,
        identity: Identity,
        read: Callable[[Any, Identity], Read],
        largest: int,
    ) -> Read:
        kind = request.header(b"content-type") or _JSON
        if kind != _JSON:
            kind = kind.split(";", 1)[0].strip().lower()
            if kind != _JSON and not kind.endswith("+json"):
                msg = f"Content-Type must be {_JSON}."
                raise UnsupportedError(msg)
        encoding = request.header(b"content-encoding") or ""

        def work() -> Read:
            plain = self._limits.decompress(body, encoding)
            if len(plain) > largest:
                msg = f"The body is larger than {largest} bytes; send calls to {MANY}."
                raise TooLargeError(msg)
            return read(_decoded(plain), identity)

        return work() if len(body) <= _HERE and not encoding else await run_in_threadpool(work)

    def _read_one(self, told: Any, identity: Identity) -> Read:
        return [_incoming(told, identity, time.time_ns())]

    def _read_many(self, told: Any, identity: Identity) -> Read:
        try:
            requests = _BATCH.of(told).requests
        except msgspec.ValidationError:
            raise FieldError("requests", f"a list of 1 to {MOST_CALLS} calls.") from None
        now = time.time_ns()
        return [_incoming(one, identity, now) for one in requests]

    async def _take(self, identity: Identity, read: Read) -> list[Told]:
        good = [call for call in read if isinstance(call, Incoming)]
        sender = Sender(identity.project_id, identity.key_id)
        kept = iter(await self._keeping.take(sender, good) if good else ())
        results: list[Told] = [_invalid(call.wrong) if isinstance(call, FieldError) else next(kept) for call in read]
        duplicates, refused = _counted(_not_new(results))
        for counter, calls in (
            (_DUPLICATE, duplicates),
            (_KEPT, len(results) - duplicates - refused),
            (_REFUSED, refused),
        ):
            if calls:
                counter.inc(calls)
        return results


def _decoded(plain: bytes) -> Any:
    try:
        return _decode(plain)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        msg = f"The body is no JSON: {error}."
        raise BadRequestError(msg) from error
    except RecursionError as error:
        msg = "The body is nested too deep."
        raise BadRequestError(msg) from error


def _incoming(told: Any, identity: Identity, now_ns: int) -> Incoming | FieldError:
    try:
        return incoming(told, identity.project_id, identity.environment or "", now_ns)
    except FieldError as error:
        return error


def _invalid(wrong: Wrong) -> Answer:
    return Answer(ok=False, reason=INVALID, errors=[wrong])


def _not_new(results: list[Told]) -> list[Answer]:
    """The answers that may say something else than that a call is kept."""
    return [result for result in results if not isinstance(result, msgspec.Raw)]


def _counted(answers: list[Answer]) -> tuple[int, int]:
    """How many are told again, and how many refused."""
    return sum([answer.duplicate for answer in answers]), sum([not answer.ok for answer in answers])


def _status(answer: Told) -> int:
    if isinstance(answer, msgspec.Raw) or answer.ok:
        return HTTPStatus.OK
    return HTTPStatus.PAYMENT_REQUIRED if answer.reason == PLAN_LIMIT_REACHED else HTTPStatus.BAD_REQUEST


def _answered(answer: Told | Answers, status: int, state: State) -> ASGIApp:
    return _Answered(_encode(answer), int(status), state.headers)


def _throttled(state: State) -> ASGIApp:
    answer = Answer(ok=False, reason=THROTTLED, warnings=[f"Telemetry throttled, retry after {state.wait_s}s."])
    return _Answered(_encode(answer), 429, state.headers)


def refusal(error: FarthingError) -> Response:
    """A problem document that has the fields a client of this door branches on, too."""
    headers = {"Retry-After": str(getattr(error, "retry_after", 1))} if error.retryable else {}
    if error.status == HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = "Bearer"
    wrong: Sequence[Wrong] = [error.wrong] if isinstance(error, FieldError) else []
    return _problem(error.status, error.code, str(error), headers, wrong)


def _problem(status: int, code: str, detail: str, headers: dict[str, str], wrong: Sequence[Wrong] = ()) -> Response:
    problem = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "code": code,
        "ok": False,
        "reason": code,
        "telemetryPaused": False,
        "providerCallsContinue": True,
        "errors": wrong,
    }
    return Response(_encode(problem), status, headers, _PROBLEM)
