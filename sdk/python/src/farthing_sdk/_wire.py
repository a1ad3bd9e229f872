"""A record goes in; the JSON object the server takes for it comes out. What can't be told is left out, never made up."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime, timezone
from decimal import Decimal, InvalidOperation
from operator import index
from typing import TYPE_CHECKING, Any, Final

from farthing_sdk._hashing import hash_user_id
from farthing_sdk._trouble import swallow, tell

if TYPE_CHECKING:
    from farthing_sdk._record import Record
    from farthing_sdk._settings import Settings

_TEXTS: Final = {
    "provider": "provider",
    "model": "model",
    "response_model": "responseModel",
    "response_id": "responseId",
    "operation": "operation",
    "feature": "endpointTag",
    "prompt_version": "promptVersion",
    "user_id": "userId",
    "session_id": "sessionId",
    "team": "team",
    "tenant": "tenantId",
    "environment": "environment",
    "data_mode": "dataMode",
    "traceparent": "traceparent",
    "error_code": "errorCode",
    "service_tier": "serviceTier",
    "image_quality": "imageQuality",
    "image_size": "imageSize",
}
_COUNTS: Final = {
    "input_tokens": "inputTokens",
    "cached_input_tokens": "cachedInputTokens",
    "cache_write_tokens": "cacheWriteTokens",
    "cache_write_30m_tokens": "cacheWrite30mTokens",
    "cache_write_1h_tokens": "cacheWrite1hTokens",
    "cache_write_12h_tokens": "cacheWrite12hTokens",
    "audio_input_tokens": "audioInputTokens",
    "output_tokens": "outputTokens",
    "reasoning_tokens": "reasoningTokens",
    "audio_output_tokens": "audioOutputTokens",
    "total_tokens": "totalTokens",
    "image_input_tokens": "imageInputTokens",
    "image_output_tokens": "imageOutputTokens",
    "web_searches": "webSearches",
    "web_fetches": "webFetches",
    "file_searches": "fileSearches",
    "code_sessions": "codeSessions",
    "images": "images",
    "characters": "characters",
    "latency_ms": "latencyMs",
    "ttft_ms": "ttftMs",
}
_CONTENT: Final = {"input_content": "input", "output_content": "output"}
_NUMBERS_ALONE: Final = frozenset(_COUNTS.values()) | {
    "externalRequestId",
    "provider",
    "model",
    "responseModel",
    "operation",
    "createdAt",
    "status",
    "streaming",
    "serviceTier",
    "region",
    "imageQuality",
    "imageSize",
    "audioSeconds",
    "costUsd",
    "dataMode",
    "environment",
}
"""What is sent of a record whose redaction failed: nothing a person could have written."""

LONGEST_TEXT: Final = 300
LONGEST_VALUE: Final = 4096
MOST_TAGS: Final = 190
LONGEST_ID: Final = 200
LONGEST_PROVIDER: Final = 100
LONGEST_REGION: Final = 63
MOST: Final = {"latencyMs": 31 * 86_400_000, "ttftMs": 31 * 86_400_000}
MOST_SECONDS: Final = 31 * 86_400
MOST_TOKENS: Final = 2**53
"""What the server takes. A record is mended to fit rather than lost."""

_AMOUNT: Final = re.compile(r"\d{1,12}(\.\d{1,40})?")


def body_of(record: Record, settings: Settings) -> dict[str, Any] | None:
    """The record as the server wants it, redacted; None: it is not to leave the process."""
    said: dict[str, Any] = record.__dict__
    # The server wants to know both. Who served it, and with which model, is nothing to guess.
    body: dict[str, Any] = {"provider": "unknown", "model": "unknown", "status": _status(record)}
    for name, theirs in _TEXTS.items():
        value = said.get(name)
        if value is not None and value != "":
            body[theirs] = clean(value, LONGEST_TEXT)
    body["externalRequestId"] = _request_id(record)
    body["provider"] = body["provider"][:LONGEST_PROVIDER]
    for name, theirs in _COUNTS.items():
        value = said.get(name)
        if value is not None:
            _count(body, theirs, value)
    _rest(body, record)
    if settings.hash_user_ids and "userId" in body:
        body["userId"] = hash_user_id(str(record.user_id), settings.user_id_salt)
    if settings.capture_content:
        body.update({theirs: said[name] for name, theirs in _CONTENT.items() if said.get(name) is not None})
    return _redacted(body, settings)


def _rest(body: dict[str, Any], record: Record) -> None:
    # Cut off it might be the name of another place.
    if record.region and len(str(record.region)) <= LONGEST_REGION:
        body["region"] = clean(record.region, LONGEST_REGION)
    if record.streaming is not None:
        body["streaming"] = bool(record.streaming)
    if record.attempts > 1:
        body["attempts"] = record.attempts
    if record.audio_seconds is not None:
        _seconds(body, record.audio_seconds)
    if record.cost_usd is not None:
        _money(body, record.cost_usd)
    body["createdAt"] = _moment(record.created_at)
    if record.metadata:
        body["metadata"] = _tags(record.metadata)


def encode(body: dict[str, Any]) -> bytes:
    """The body as it is sent and spooled. Raises ValueError or TypeError if it isn't JSON."""
    return json.dumps(body, separators=(",", ":"), allow_nan=False).encode("ascii")


def clean(value: object, longest: int) -> str:
    """Text that any server can read, cut to what it takes."""
    text = value if isinstance(value, str) else str(value)
    if len(text) > longest:
        text = text[:longest]
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")


def _status(record: Record) -> str:
    return "error" if record.status == "error" else "success"


def _request_id(record: Record) -> str:
    name = clean(record.external_request_id or "", 10 * LONGEST_ID)
    # Cut off it might be the same as another.
    return name if len(name) <= LONGEST_ID else hash_user_id(name, b"external_request_id")


def _count(body: dict[str, Any], name: str, value: Any) -> None:
    number = -1
    if isinstance(value, float):
        number = int(value) if value.is_integer() else -1
    elif not isinstance(value, bool):
        with suppress(TypeError):
            number = index(value)
    if number < 0 or number > MOST.get(name, MOST_TOKENS):
        tell(f"count {name}", "%s is %r, which can't be; it is sent as unknown. It is told once.", name, value)
        return
    body[name] = number


def _seconds(body: dict[str, Any], value: object) -> None:
    try:
        seconds = float(str(value))
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds <= MOST_SECONDS:
        tell("seconds", "audio_seconds is %r, which can't be; it is sent as unknown. It is told once.", value)
        return
    body["audioSeconds"] = seconds


def _money(body: dict[str, Any], value: object) -> None:
    try:
        amount = format(Decimal(str(value)), "f")
    except (InvalidOperation, ValueError):
        amount = ""
    if not _AMOUNT.fullmatch(amount):
        tell("cost", "cost_usd is %r, which is no amount of money; it is sent as unknown. It is told once.", value)
        return
    body["costUsd"] = amount


def _moment(value: Any) -> str:
    try:
        # A datetime without a zone is meant in the application's own.
        seconds = value.timestamp() if isinstance(value, datetime) else float(value)
        moment = datetime.fromtimestamp(seconds, timezone.utc)
    except (TypeError, ValueError, OverflowError, OSError):
        tell("created_at", "created_at is %r, which is no moment; now is sent instead. It is told once.", value)
        moment = datetime.now(timezone.utc)
    return moment.isoformat(timespec="milliseconds")


def _tags(metadata: Mapping[Any, Any]) -> dict[str, Any]:
    tags: dict[str, Any] = {}
    for key, value in metadata.items():
        if value is None:
            continue
        if len(tags) == MOST_TAGS:
            tell("tags", "A call has more than %d tags; the others are left out.", MOST_TAGS)
            break
        plain = isinstance(value, (bool, int, float)) and abs(value) < 2**53  # NaN isn't, and is text then
        tags[clean(key, LONGEST_TEXT)] = value if plain else clean(value, LONGEST_VALUE)
    return tags


def _redacted(body: dict[str, Any], settings: Settings) -> dict[str, Any] | None:
    if settings.redact is None:
        return body
    try:
        return settings.redact(body)
    except Exception as error:  # noqa: BLE001 - it is the application's function
        swallow(error, "redact")
        return {name: value for name, value in body.items() if name in _NUMBERS_ALONE}
