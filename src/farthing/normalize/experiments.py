"""Spans as they are kept in; the cases of experiments that they tell of, out.

Langfuse's SDKs from version 3 write on every span of an experiment which run and item it belongs to, and which span is the
case itself. Each span speaks for itself, so the order, splitting and repetition of batches change nothing.
"""

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any, cast

import msgspec

from farthing.model.run import NO_SPAN, Outcome, RunItem
from farthing.model.span import STATUS_ERROR, Attributes, Span

_E = "langfuse.experiment."
ID = _E + "id"
_ITEM = _E + "item.id"
_ROOT = _E + "item.root_observation_id"
_METADATA = _E + "metadata"
_LEVEL = "langfuse.observation.level"
_MESSAGE = "langfuse.observation.status_message"
_DESCRIPTION = _E + "description"

LONGEST_ID = 255
LONGEST_NAME = 1_000
LONGEST_TEXT = 4_000
MOST_METADATA = 64 * 1024
"""Bounds of what is kept of a case; longer ids are nobody's, longer texts are cut."""

_SPAN_ID = re.compile(r"[0-9a-f]{16}")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def of_spans(spans: Iterable[Span]) -> list[RunItem]:
    """The cases these spans tell of, each with what any of them said of it."""
    found: dict[tuple[str, str, str, bytes], RunItem] = {}
    for one in _told(spans):
        key = (one.dataset_id, one.run_id, one.item_id, one.trace_id)
        known = found.get(key)
        found[key] = one if known is None else joined(known, one)
    return list(found.values())


def _told(spans: Iterable[Span]) -> Iterator[RunItem]:
    for span in spans:
        attributes = span.attributes
        if ID in attributes:
            run_id, item_id = _text(attributes.get(ID)), _text(attributes.get(_ITEM))
            if run_id and item_id and len(run_id) <= LONGEST_ID and len(item_id) <= LONGEST_ID:
                yield _case(span, run_id, item_id)


def _case(span: Span, run_id: str, item_id: str) -> RunItem:
    attributes = span.attributes
    root = _text(attributes.get(_ROOT))
    known = RunItem(
        run_id,
        item_id,
        span.trace_id,
        dataset_id=_text(attributes.get(_E + "dataset.id"))[:LONGEST_ID],
        run_name=_text(attributes.get(_E + "name"))[:LONGEST_NAME],
        description=_text(attributes.get(_DESCRIPTION))[:LONGEST_TEXT],
        metadata=_metadata(attributes),
        item_version_ns=_moment(attributes.get(_E + "item.version")),
        span_id=_span_id(root),
        started_ns=span.start_ns,
    )
    if known.span_id != span.span_id:
        # Another span of its trace, or of one that the case began elsewhere: that it ran is all this one knows.
        return known
    failed = span.status == STATUS_ERROR or attributes.get(_LEVEL) == "ERROR"
    return msgspec.structs.replace(
        known,
        ended_ns=span.end_ns,
        outcome=Outcome.ERROR if failed else Outcome.OK,
        error=(_text(attributes.get(_MESSAGE)) or span.status_message or "error")[:LONGEST_TEXT] if failed else "",
        whole=True,
    )


_RANK = {Outcome.UNKNOWN: 0, Outcome.OK: 1, Outcome.ERROR: 2}


def joined(one: RunItem, other: RunItem) -> RunItem:
    """What two signals tell of one case, the way the store joins its rows: the greater of each, and the earlier start.

    Where one of them is the case itself, its own start holds.
    """
    if one.ended_ns and other.ended_ns:
        started = min(one.started_ns, other.started_ns)
    elif one.ended_ns or other.ended_ns:
        started = one.started_ns if one.ended_ns else other.started_ns
    else:
        started = min(filter(None, (one.started_ns, other.started_ns)), default=0)
    return RunItem(
        one.run_id,
        one.item_id,
        one.trace_id,
        one.dataset_id,
        max(one.run_name, other.run_name),
        max(one.description, other.description),
        max(one.metadata, other.metadata),
        max(one.item_version_ns, other.item_version_ns),
        max(one.trace, other.trace),
        max(one.span_id, other.span_id),
        max(one.observation, other.observation),
        started,
        max(one.ended_ns, other.ended_ns),
        max(one.outcome, other.outcome, key=_RANK.__getitem__),
        max(one.error, other.error),
        max(one.output, other.output),
        one.whole or other.whole,
    )


def _metadata(attributes: Attributes) -> str:
    """The run's metadata: one JSON text, or, from the SDK's fourth version, a field of each attribute."""
    whole = attributes.get(_METADATA)
    if isinstance(whole, str) and whole:
        return whole if len(whole) <= MOST_METADATA else ""
    prefix = _METADATA + "."
    fields: dict[str, Any] = {
        key[len(prefix) :]: _value(value) for key, value in attributes.items() if key.startswith(prefix)
    }
    if not fields:
        return ""
    made = msgspec.json.encode(fields, order="sorted").decode(errors="replace")
    return made if len(made) <= MOST_METADATA else ""


def _value(value: Any) -> Any:
    if isinstance(value, list):
        return [_value(one) for one in cast("list[Any]", value)]
    return value if isinstance(value, str | int | float | bool | None) else str(value)


def _span_id(told: str) -> bytes:
    return bytes.fromhex(told) if _SPAN_ID.fullmatch(told) else NO_SPAN


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else ""


def _moment(value: Any) -> int:
    """A time in RFC 3339 as Unix nanoseconds, to the microsecond; 0 for anything else."""
    if not isinstance(value, str) or not value:
        return 0
    try:
        told = datetime.fromisoformat(value.strip('"'))
    except ValueError:
        return 0
    since = (told if told.tzinfo else told.replace(tzinfo=UTC)) - _EPOCH
    return ((since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds) * 1_000
