"""A span as received in; the span as it may be written out: no message content, no credentials.

Content is off by default, whatever the library's own switch says. What is taken out leaves its key with a
mark, so that a reader sees that something was there. A number is never content.
"""

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any, cast

import msgspec

from farthing.model.span import Attributes, Resource, Span, SpanEvent, Value
from farthing.privacy import extract
from farthing.privacy.names import Kind, kind_of

CONTENT_MARK = "[content not kept]"
SECRET_MARK = "[secret removed]"  # noqa: S105  what stands in a secret's place

_FLAT = frozenset({str, int, float, bool, bytes, type(None)})
_DEEPEST = 16
_IN_QUERY = re.compile(r"(?i)([?&;](?:[\w.-]*(?:key|token|secret|password|signature|credential)|sig|code)=)[^&;#\s]+")
_IN_USERINFO = re.compile(r"(://[^/@\s:]*:)[^/@\s]+@")


def scrub(span: Span) -> Span:
    """The same span without content and secrets; the very same object when there was nothing to take out.

    Facts of the call that stood only in its content are added as attributes (see `extract`).
    """
    return _scrubbed(span, _resource(span.resource))


def scrub_all(spans: Iterable[Span]) -> list[Span]:
    """Each span scrubbed; a resource that many of them share is looked at once."""
    cleaned: dict[int, tuple[Resource, Resource]] = {}
    out: list[Span] = []
    for span in spans:
        known = cleaned.get(id(span.resource))
        if known is None:
            # Held as well, so that no other resource can get its id meanwhile.
            known = cleaned[id(span.resource)] = (span.resource, _resource(span.resource))
        out.append(_scrubbed(span, known[1]))
    return out


def scrub_posted(spans: Iterable[Span]) -> list[Span]:
    """The same for spans of posted calls, of which only `metadata` is the sender's own; no other name is content or secret."""
    out: list[Span] = []
    for span in spans:
        attributes = span.attributes
        own = attributes.get("metadata")
        if own is not None:
            kept = _within("metadata", own, 0)
            if kept is not own:
                out.append(msgspec.structs.replace(span, attributes=attributes | {"metadata": kept}))
                continue
        out.append(span)
    return out


def _resource(resource: Resource) -> Resource:
    cleaned = _cleaned_alone(resource.attributes)
    return resource if cleaned is resource.attributes else msgspec.structs.replace(resource, attributes=cleaned)


def _scrubbed(span: Span, resource: Resource) -> Span:
    events = span.events
    told = span.attributes
    keys = tuple(told)
    known = _known(keys)
    attributes = _cleaned(told, keys, known.telling) if keys else told
    if (known.may_tell or events) and (saved := extract.facts(span)):
        attributes = attributes | saved
    if events:
        events = tuple([_event(event) for event in events])
        if all(new is old for new, old in zip(events, span.events, strict=True)):
            events = span.events
    if attributes is span.attributes and resource is span.resource and events is span.events:
        return span
    return msgspec.structs.replace(span, attributes=attributes, resource=resource, events=events)


def _event(event: SpanEvent) -> SpanEvent:
    cleaned = _cleaned_alone(event.attributes)
    if cleaned is event.attributes:
        return event
    return msgspec.structs.replace(event, attributes=cleaned)


def _cleaned_alone(attributes: Attributes) -> Attributes:
    keys = tuple(attributes)
    return _cleaned(attributes, keys, _known(keys).telling) if keys else attributes


def _cleaned(attributes: Attributes, keys: tuple[str, ...], telling: tuple[tuple[str, Kind], ...]) -> Attributes:
    changes: Attributes = {}
    for key, kind in telling:
        value = attributes[key]
        kept = _kept(value, kind)
        if kept is not value:
            changes[key] = kept
    for at in _structured(tuple(map(type, attributes.values()))):
        key = keys[at]
        if key not in changes:
            value = attributes[key]
            kept = _within(key, value, 0)
            if kept is not value:
                changes[key] = kept
    return attributes | changes if changes else attributes


class _Keys(msgspec.Struct, frozen=True):
    """What is known of one set of keys."""

    telling: tuple[tuple[str, Kind], ...]
    """Those whose values may not all be written as they are."""
    may_tell: bool
    """Whether a value may tell facts that stand nowhere else."""


@lru_cache(maxsize=4096)
def _known(keys: tuple[str, ...]) -> _Keys:
    """Worked out once for each."""
    telling = tuple((key, kind) for key in keys if (kind := kind_of(key)) is not Kind.PLAIN)
    return _Keys(telling, extract.may_tell(keys))


@lru_cache(maxsize=4096)
def _structured(types: tuple[type, ...]) -> tuple[int, ...]:
    """At which places values stand that hold others; worked out once, too: one key's values are nearly always of one type."""
    return tuple([at for at, kind in enumerate(types) if kind not in _FLAT])


def _kept(value: Value, kind: Kind) -> Value:
    """What may be written of such a value: the very same object when all of it."""
    if value is None or isinstance(value, int | float) or not value:
        return value
    if kind is Kind.SECRET:
        return SECRET_MARK
    if kind is Kind.ADDRESS and isinstance(value, str):
        return _without_credentials(value)
    return value if value == CONTENT_MARK else CONTENT_MARK


def _without_credentials(address: str) -> str:
    if "=" not in address and "@" not in address:
        return address
    cleaned = _IN_USERINFO.sub(rf"\1{SECRET_MARK}@", _IN_QUERY.sub(rf"\1{SECRET_MARK}", address))
    return address if cleaned == address else cleaned


def _within(path: str, value: Value, depth: int) -> Value:
    """A structured value without content and secrets in it, named by the path to them; the same object if there are none."""
    if isinstance(value, Mapping):
        fields = cast("Mapping[str, Any]", value)
        if depth < _DEEPEST and _FLAT.issuperset(map(type, fields.values())) and not _tells(path, tuple(fields)):
            return fields
        cleaned = {name: _field(f"{path}.{name}", str(name), held, depth) for name, held in fields.items()}
        return fields if all(cleaned[name] is fields[name] for name in fields) else cleaned
    if isinstance(value, list):
        items = cast("list[Any]", value)
        if _FLAT.issuperset(map(type, items)):
            return items
        new = [_within(path, item, depth + 1) for item in items] if depth < _DEEPEST else CONTENT_MARK
        return items if isinstance(new, list) and all(a is b for a, b in zip(new, items, strict=True)) else new
    return value


@lru_cache(maxsize=4096)
def _tells(path: str, names: tuple[str, ...]) -> bool:
    """Whether what stands under one of these names may not all be written as it is; likewise worked out once."""
    return any(kind_of(known) is not Kind.PLAIN for name in names for known in (f"{path}.{name}", str(name)))


def _field(path: str, name: str, value: Value, depth: int) -> Value:
    if depth >= _DEEPEST:
        return CONTENT_MARK
    for known in (path, name):
        kind = kind_of(known)
        if kind is not Kind.PLAIN:
            return _kept(value, kind)
    return _within(path, value, depth + 1)
