"""What was received and what the gate left of it in; what the gate took out, for keys that keep content, out: without secrets.

Only what is content is taken. A credential leaves its mark here as it does there: by the name it stands under, at any depth and in
JSON within a text too, and by the forms that keys of well-known services have, wherever they stand.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, cast

import msgspec

from farthing.model.content import Content
from farthing.model.log import LogRecord
from farthing.model.span import Attributes, Span, Value
from farthing.privacy import fitting
from farthing.privacy.logs import scrub_record
from farthing.privacy.names import SECRET_WORDS, Kind, kind_of
from farthing.privacy.scrub import CONTENT_MARK, SECRET_MARK

_DEEPEST = 64
_DESCRIBES = "properties"
"""What stands under names within this says of which kind a value is to be (JSON Schema): it is none."""

_NAMED = re.compile(
    r"(?i)((?:authorization|api[_-]?key|cookie|passw(?:or)?d|secret|access_token|credential|private_key)[\w.-]*[\"']?"
    r"\s*[:=]\s*[\"'])([^\"']+)"
)
"""The same in text that only looks like JSON: Python's, or what was cut short."""
_FORMS = re.compile(
    r"\bsk-(?=[\w-]*\d)[\w-]{20,}|\bfk_[\w-]{20,}|\bAKIA[0-9A-Z]{16}\b|\bgh[pousr]_\w{36,}|\bgithub_pat_\w{22,}"
    r"|\bxox[abposr]-[\w-]{10,}|\bAIza[\w-]{35}|\bglpat-[\w-]{20,}|\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{10,}"
    r"|-----BEGIN [A-Z ]*PRIVATE KEY-----.+?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)",
    re.DOTALL,
)
_BEGINNINGS = (
    "sk-",
    "fk_",
    "AKIA",
    "ghp_",
    "gho_",
    "ghu_",
    "ghs_",
    "ghr_",
    "github_pat_",
    "xox",
    "AIza",
    "glpat-",
    "eyJ",
    "-----BEGIN",
)
_IN_USERINFO = re.compile(r"(://[^/@\s:\"']*:)[^/@\s\"']+@")


def of_spans(received: Sequence[Span], scrubbed: Sequence[Span]) -> list[Content]:
    """Of each span that had any; `scrubbed` are the same ones, in the same order, behind the gate."""
    found: list[Content] = []
    for old, new in zip(received, scrubbed, strict=True):
        if new is old:
            continue
        attributes = _taken(old.attributes, new.attributes)
        events = {
            place: taken
            for place, (was, now) in enumerate(zip(old.events, new.events, strict=True))
            if now is not was and (taken := _taken(was.attributes, now.attributes))
        }
        if attributes or events:
            found.append(fitting.fitted(Content(old.trace_id, old.span_id, old.start_ns, attributes, events)))
    return found


def of_record(received: LogRecord, record_id: bytes) -> Content | None:
    """Of a log record that belongs to a span; None where nothing was taken."""
    trace_id, span_id, name = received.trace_id, received.span_id, received.event_name
    if not trace_id or not span_id:
        return None
    scrubbed = scrub_record(received)
    attributes = _taken(received.attributes, scrubbed.attributes)
    is_line = isinstance(received.body, str) and not name
    body = None if is_line or received.body == scrubbed.body else _safe("", received.body, 0)
    if not attributes and body is None:
        return None
    return fitting.fitted(Content(trace_id, span_id, received.time_ns, attributes, {}, record_id, name, body))


def without_secrets(value: Value) -> Value:
    """What was given to be kept, not as a span's, likewise."""
    return _safe("", value, 0)


def _taken(received: Attributes, left: Attributes) -> Attributes:
    """What was replaced, but for what stood under a credential's name, or is an address."""
    if left is received:
        return {}
    return {
        key: _safe(key, value, 0)
        for key, value in received.items()
        if left.get(key) is not value and kind_of(key) in (Kind.CONTENT, Kind.PLAIN) and left.get(key) != SECRET_MARK
    }


def _safe(path: str, value: Value, depth: int) -> Value:
    """The same without credentials; the very same object when there are none."""
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, Mapping):
        return _fields(path, cast("Mapping[str, Value]", value), depth)
    if isinstance(value, list | tuple):
        items = cast("Sequence[Value]", value)
        if depth >= _DEEPEST:
            return CONTENT_MARK
        new = [_safe(path, item, depth + 1) for item in items]
        return items if _are_same(new, items) else new
    return value


def _fields(path: str, fields: Mapping[str, Value], depth: int) -> Value:
    if depth >= _DEEPEST:
        return CONTENT_MARK
    describes = path == _DESCRIBES
    new = {
        name: SECRET_MARK
        if _is_secret(name, value) and not (describes and isinstance(value, Mapping))
        else _safe(name, value, depth + 1)
        for name, value in fields.items()
    }
    return fields if _are_same(new.values(), fields.values()) else new


def _is_secret(name: str, value: Value) -> bool:
    return kind_of(name) is Kind.SECRET and bool(value) and not isinstance(value, int | float)


def _are_same(new: Iterable[Any], old: Iterable[Any]) -> bool:
    return all(a is b for a, b in zip(new, old, strict=True))


def _text(text: str) -> str:
    lowered = text.lower()
    if any(word in lowered for word in SECRET_WORDS):
        text = _within_json(text)
    if "://" in text and "@" in text:
        text = _IN_USERINFO.sub(rf"\1{SECRET_MARK}@", text)
    # Looking for a few letters is fifty times as fast as looking for a form.
    return _FORMS.sub(SECRET_MARK, text) if any(letters in text for letters in _BEGINNINGS) else text


def _within_json(text: str) -> str:
    if text[:1] in ("{", "[", '"'):
        try:
            held = msgspec.json.decode(text)
        except (msgspec.DecodeError, RecursionError, UnicodeError):
            return _NAMED.sub(rf"\1{SECRET_MARK}", text)
        cleaned = _safe("", held, 0)
        # As it was written where it may stay: nobody should find other blanks in it than he sent.
        return text if cleaned is held else msgspec.json.encode(cleaned).decode()
    return text
