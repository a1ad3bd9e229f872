"""A call as it was posted in; the span it becomes, with ids that are the same whenever it is posted again, out. Pure."""

import operator
import re
from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import blake2b
from typing import Any

import msgspec

from farthing.intake.direct_shapes import NAMES, CallPosted, FieldError, read
from farthing.model.span import NO_PARENT, STATUS_ERROR, STATUS_OK, Attributes, Resource, Scope, Span
from farthing.store.telemetry.external_requests import SCOPE

DEFAULT_ENVIRONMENT = "prod"

_SCOPE = Scope(SCOPE)
_NO_RESOURCE = Resource()
_KIND_CLIENT = 3
_TRACEPARENT = re.compile(r"[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}(?:-.*)?")
_DAY_NS = 86_400 * 10**9
_EARLIEST_NS = 1_262_304_000 * 10**9
_MILLISECONDS_FROM = 10**11
"""A number above this counts milliseconds: as seconds it would be the year 5138."""

_SAME_NAMES = (
    ("gen_ai.response.model", "response_model"),
    ("gen_ai.response.id", "response_id"),
    ("gen_ai.usage.input_tokens", "input_tokens"),
    ("gen_ai.usage.output_tokens", "output_tokens"),
    ("gen_ai.usage.total_tokens", "total_tokens"),
    ("gen_ai.usage.cache_read.input_tokens", "cached_input_tokens"),
    ("farthing.usage.cache_write_30m.input_tokens", "cache_write30m_tokens"),
    ("anthropic.usage.cache_creation.ephemeral_1h_input_tokens", "cache_write1h_tokens"),
    ("farthing.usage.cache_write_12h.input_tokens", "cache_write12h_tokens"),
    ("gen_ai.usage.reasoning.output_tokens", "reasoning_tokens"),
    ("gen_ai.usage.audio.input_tokens", "audio_input_tokens"),
    ("gen_ai.usage.audio.output_tokens", "audio_output_tokens"),
    ("gen_ai.usage.image.input_tokens", "image_input_tokens"),
    ("gen_ai.usage.image.output_tokens", "image_output_tokens"),
    ("gen_ai.usage.web_searches", "web_searches"),
    ("gen_ai.usage.web_fetch_requests", "web_fetches"),
    ("gen_ai.usage.file_searches", "file_searches"),
    ("gen_ai.usage.code_sessions", "code_sessions"),
    ("gen_ai.usage.images", "images"),
    ("gen_ai.request.image_quality", "image_quality"),
    ("gen_ai.request.image_size", "image_size"),
    ("gen_ai.usage.characters", "characters"),
    ("gen_ai.usage.audio_seconds", "audio_seconds"),
    ("gen_ai.request.stream", "streaming"),
    ("gen_ai.latency.ttft_ms", "ttft_ms"),
    ("gen_ai.response.service_tier", "service_tier"),
    ("farthing.region", "region"),
    ("prompt_version", "prompt_version"),
    ("user_id", "user_id"),
    ("session_id", "session_id"),
    ("team", "team"),
    ("farthing.data_mode", "data_mode"),
)
"""Attribute → field. Attribution stands under the plain names, which need no second copy as a tag."""
_WRITTEN = operator.attrgetter(
    "cache_write_tokens", "cache_write30m_tokens", "cache_write1h_tokens", "cache_write12h_tokens"
)
_NOT_WRITTEN = (None, None, None, None)

_encode = msgspec.json.Encoder(order="deterministic").encode


class Incoming(msgspec.Struct, gc=False):
    """A posted call that can be kept."""

    posted: CallPosted
    span: Span
    key: bytes
    """A digest of the project and the sender's id."""
    body: str
    """A digest of all that was sent, in hex."""
    warnings: list[str]


def incoming(told: Any, project_id: str, environment: str, now_ns: int) -> Incoming:
    """Check and understand one decoded object. Raises `FieldError`."""
    posted, extras = read(told)
    key = digest(project_id, posted.external_request_id)
    warnings: list[str] = []
    attributes = _attributes(
        posted, environment, tuple([name for name in told if name not in extras] if extras else told)
    )
    own = (posted.metadata or {}) | extras
    if own:
        attributes["metadata"] = own
    duration = round((posted.latency_ms or 0) * 10**6)
    start = now_ns - duration if posted.created_at is None else _start(posted.created_at, now_ns)
    trace_id, parent = _place(posted.traceparent, key, warnings)
    _judge_counts(posted, warnings)
    operation = posted.operation or "chat"
    span = Span(
        trace_id,
        blake2b(key, digest_size=8, person=b"span").digest(),
        parent,
        f"{operation} {posted.request_model or posted.model}",
        _KIND_CLIENT,
        start,
        start + duration,
        STATUS_ERROR if posted.status == "error" else STATUS_OK,
        "",
        _SCOPE,
        _NO_RESOURCE,
        attributes,
    )
    return Incoming(posted, span, key, blake2b(_encode(told), digest_size=16).hexdigest(), warnings)


def digest(project_id: str, external_request_id: str) -> bytes:
    """What a sender's id is remembered by."""
    return blake2b(f"{project_id}\0{external_request_id}".encode("utf-8", "surrogatepass"), digest_size=16).digest()


class _Telling(msgspec.Struct, frozen=True):
    """The attributes that told fields may become, and how their values are had."""

    names: tuple[str, ...]
    values: Callable[[CallPosted], tuple[Any, ...]]


@lru_cache(maxsize=4096)
def _telling(told: tuple[str, ...]) -> _Telling:
    """Worked out once: one client sends the same fields every time."""
    some = [(name, field) for name, field in _SAME_NAMES if NAMES[field] in told]
    return _Telling(
        ("gen_ai.provider.name", "externalRequestId", *[name for name, _ in some]),
        operator.attrgetter("provider", "external_request_id", *[field for _, field in some]),
    )


_EMPTY = frozenset({None, ""})


def _attributes(posted: CallPosted, environment: str, told: tuple[str, ...]) -> Attributes:
    telling = _telling(told)
    values = telling.values(posted)
    found: Attributes = {
        "gen_ai.operation.name": posted.operation or "chat",
        "gen_ai.request.model": posted.request_model or posted.model,
        "environment": posted.environment or environment or DEFAULT_ENVIRONMENT,
        **dict(zip(telling.names, values, strict=True)),
    }
    if not _EMPTY.isdisjoint(values):
        found = {name: value for name, value in found.items() if value is not None and value != ""}
    feature = posted.feature or posted.endpoint_tag
    if feature or posted.feature_tag:
        found["feature"] = feature or posted.feature_tag
        if feature and posted.feature_tag:
            found["featureTag"] = posted.feature_tag
    if posted.tenant or posted.tenant_id:
        found["tenant"] = posted.tenant or posted.tenant_id
    written = _WRITTEN(posted)
    if written != _NOT_WRITTEN:
        found["gen_ai.usage.cache_write.input_tokens"] = sum([tokens or 0 for tokens in written])
    if posted.cost_usd is not None:
        found["gen_ai.usage.cost_usd"] = str(posted.cost_usd)
    if posted.error_code and posted.status == "error":
        found["error.type"] = posted.error_code
    return found


def _start(told: str | float, now_ns: int) -> int:
    if isinstance(told, str):
        try:
            moment = datetime.fromisoformat(told)
            seconds = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
        except (ValueError, OverflowError):
            raise FieldError("createdAt", f"{told[:40]!r} is no RFC 3339 time such as 2026-11-21T09:30:00Z.") from None
    else:
        seconds = told / 1000 if told >= _MILLISECONDS_FROM else told
    start = round(seconds * 10**6) * 1000
    if start < _EARLIEST_NS:
        raise FieldError("createdAt", "it is before 2010: that clock is not set.")
    if start > now_ns + _DAY_NS:
        raise FieldError("createdAt", "it is more than a day in the future: check the sender's clock.")
    return start


def _place(traceparent: str | None, key: bytes, warnings: list[str]) -> tuple[bytes, bytes]:
    """The trace it belongs to, one of its own where none was told, and the span around it."""
    if traceparent:
        found = _TRACEPARENT.fullmatch(traceparent.strip().lower())
        if found and int(found[1], 16) and int(found[2], 16):
            return bytes.fromhex(found[1]), bytes.fromhex(found[2])
        warnings.append("traceparent: it is no W3C trace context, so the call has a trace of its own.")
    return key, NO_PARENT


def _judge_counts(posted: CallPosted, warnings: list[str]) -> None:
    told, written, total = posted.input_tokens, posted.output_tokens, posted.total_tokens
    if told is not None and written is not None and total is not None and total != told + written:
        warnings.append("totalTokens: it is not inputTokens and outputTokens added up.")
    # Counted as it can only be meant, and told: another sender of the same may leave the cache out without its showing.
    if told is not None and told < (posted.cached_input_tokens or 0) + (posted.cache_write_tokens or 0):
        warnings.append("inputTokens: it is all input, and less than what is cached of it, which is counted beside it.")
    if written is not None and posted.reasoning_tokens is not None and written < posted.reasoning_tokens:
        warnings.append("outputTokens: it is all output, and less than reasoningTokens, which are counted beside it.")
