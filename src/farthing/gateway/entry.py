"""A request's headers in; whose it is, what it is for and which of them the provider is to see, out. Pure.

A key of ours is sent as the provider's would be. A client that brings its own key for the provider sends that in its place, and
ours in `x-farthing-key`.
"""

import re
import uuid
from collections.abc import Iterable
from functools import lru_cache
from typing import Any, NamedTuple

import msgspec

from farthing.access.credentials import BEARER_MARK, Credential, from_headers

RawHeaders = Iterable[tuple[bytes, bytes]]

_OURS = ("x-farthing-", "x-llmops-")
_KEYS = frozenset({"authorization", "x-api-key", "api-key"})
_STAYS_HERE = frozenset(
    {
        "accept-encoding",
        "connection",
        "content-length",
        "cookie",
        "expect",
        "forwarded",
        "host",
        "keep-alive",
        "origin",
        "proxy-authorization",
        "proxy-connection",
        "referer",
        "te",
        "traceparent",
        "trailer",
        "transfer-encoding",
        "upgrade",
        "via",
        "x-forwarded-for",
        "x-forwarded-host",
        "x-forwarded-port",
        "x-forwarded-proto",
        "x-real-ip",
    }
)
"""Of this connection, or of the client's network: nothing for the provider."""

_TRACE_IDS = frozenset({b"x-farthing-trace-id", b"x-llmops-trace-id"})
_REQUEST_IDS = frozenset({b"x-farthing-request-id", b"x-llmops-request-id"})
_OF_ONE_CALL = frozenset({b"content-length", b"traceparent"}) | _TRACE_IDS | _REQUEST_IDS
"""What differs from call to call of one client."""

_TRACEPARENT = re.compile(r"[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(?:-.*)?")
_TRACE_ID = re.compile(r"[0-9a-f]{32}")
_ATTRIBUTES = {
    "user": "user_id",
    "user-id": "user_id",
    "session": "session_id",
    "session-id": "session_id",
    "feature": "feature",
    "team": "team",
    "tenant": "tenant",
    "prompt-version": "prompt_version",
    "data-mode": "farthing.data_mode",
}
_CONFIG = ("config", "prompt", "config-id")
_LONGEST = 512
_MOST_TAGS = 64
_MOST_DIGITS = 4


class Entry(msgspec.Struct):
    """What the headers say."""

    credential: Credential
    brings_key: bool
    """Whether a key for the provider came along, to be passed on."""
    headers: dict[str, str]
    """What the provider is to see, names in lower case. Like all that calls have in common, not to be changed."""
    request_id: str
    trace_id: str
    parent_id: str
    flags: str
    config: str
    told: dict[str, str]
    """Dimension → what was said."""
    tags: dict[str, Any]
    accepts_gzip: bool
    content: str = ""
    """What the client said of keeping what is said."""
    hops: int = 0
    """Through how many gateways it came."""
    is_of_page: bool = False
    """Whether a browser sent it, for a page that may be elsewhere."""


class _Always(NamedTuple):
    """What headers say that a client sends with each of its calls."""

    credential: Credential
    brings_key: bool
    headers: dict[str, str]
    config: str
    told: dict[str, str]
    tags: dict[str, Any]
    accepts_gzip: bool
    content: str
    hops: int
    is_of_page: bool


def read(raw: RawHeaders, call_id: str, *, is_known: bool = False) -> Entry:
    """Understand the headers, names in lower case; `call_id` names what the client did not. Raises `UnauthenticatedError`.

    Of a client that is known already no key is looked for, and none of its headers is for the provider.
    """
    always: list[tuple[bytes, bytes]] = []
    traceparent = told_trace = request_id = b""
    for one in raw:
        name = one[0]
        if name not in _OF_ONE_CALL:
            always.append(one)
        elif name == b"traceparent":
            traceparent = one[1]
        elif name in _REQUEST_IDS:
            request_id = one[1]
        elif name in _TRACE_IDS:
            told_trace = one[1]
    credential, brings_key, headers, config, told, tags, accepts_gzip, content, hops, is_of_page = _always(
        tuple(always), is_known=is_known
    )
    trace_id, parent_id, flags = call_id, "", "01"
    if traceparent or told_trace:
        trace_id, parent_id, flags = _trace(traceparent, told_trace, call_id)
    return Entry(
        credential, brings_key, headers, _uuid(request_id, call_id), trace_id, parent_id, flags, config, told, tags,
        accepts_gzip, content, hops, is_of_page,
    )  # fmt: skip


# A client's next call has the same headers, nearly always.
@lru_cache(maxsize=256)
def _always(raw: tuple[tuple[bytes, bytes], ...], *, is_known: bool) -> _Always:
    headers: dict[str, str] = {}
    ours: dict[str, str] = {}
    keys: dict[str, str] = {}
    here: dict[str, str] = {}
    places = (headers, ours, keys, here)
    for raw_name, raw_value in raw:
        name, at = _placed(raw_name)
        place = places[at]
        value = raw_value.decode("latin-1") if at != 1 else _words(raw_value)
        place[name] = f"{place[name]}, {value}" if at == 0 and name in place else value
    if is_known:
        credential, brought = Credential(""), {}
        headers = {"content-type": "application/json", "user-agent": "farthing"}
    else:
        credential, brought = _keys(keys, ours.get("key", ""))
        headers |= brought
    return _Always(
        credential,
        bool(brought),
        headers,
        next((ours[name] for name in _CONFIG if ours.get(name)), ""),
        {field: ours[name][:_LONGEST] for name, field in _ATTRIBUTES.items() if ours.get(name)},
        _tags(ours.get("tags", "")),
        "gzip" in here.get("accept-encoding", ""),
        ours.get("content", ""),
        _hops(ours.get("hops", "")),
        "origin" in here and not is_known,
    )


def _words(raw: bytes) -> str:
    """What people name is told in UTF-8 by most, and was Latin-1 by the rules."""
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("latin-1")


@lru_cache(maxsize=1024)
def _placed(raw: bytes) -> tuple[str, int]:
    """A header's name, and where it goes: to the provider, to us, among the keys, or no further than this connection."""
    name = raw.decode("latin-1").lower()
    if name.startswith(_OURS):
        return name.split("-", 2)[2], 1
    return name, 2 if name in _KEYS else 3 if name in _STAYS_HERE else 0


def _keys(keys: dict[str, str], ours: str) -> tuple[Credential, dict[str, str]]:
    """Our key, and what was sent for the provider."""
    if ours:
        return from_headers(f"Bearer {ours}"), keys
    for name in ("x-api-key", "api-key"):
        value = keys.get(name, "")
        if value.startswith(BEARER_MARK):
            brought = {other: told for other, told in keys.items() if other != name and BEARER_MARK not in told}
            return from_headers(None, value), brought
    return from_headers(keys.get("authorization"), keys.get("x-api-key") or keys.get("api-key")), {}


def _trace(traceparent: bytes, trace_id: bytes, call_id: str) -> tuple[str, str, str]:
    if traceparent:
        found = _TRACEPARENT.fullmatch(traceparent.decode("latin-1").strip().lower())
        if found and int(found[1], 16) and int(found[2], 16):
            return found[1], found[2], found[3]
    if trace_id:
        told = trace_id.decode("latin-1").replace("-", "").lower()
        if _TRACE_ID.fullmatch(told) and int(told, 16):
            return told, "", "01"
    return call_id, "", "01"


def _uuid(told: bytes, call_id: str) -> str:
    if told:
        try:
            return str(uuid.UUID(told.decode("latin-1")))
        except ValueError:
            pass
    return f"{call_id[:8]}-{call_id[8:12]}-{call_id[12:16]}-{call_id[16:20]}-{call_id[20:]}"


def _hops(told: str) -> int:
    return int(told) if told.isascii() and told.isdigit() and len(told) < _MOST_DIGITS else 0


def _tags(told: str) -> dict[str, Any]:
    """`name=value` or a bare name, comma-separated."""
    found: dict[str, Any] = {}
    for part in told.split(","):
        name, equals, value = part.strip().partition("=")
        if name and len(found) < _MOST_TAGS:
            found[name.strip()] = value.strip()[:_LONGEST] if equals else "true"
    return found
