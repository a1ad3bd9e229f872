"""A trace's id in; what was said in its spans, as far as it is kept, out: attributes and events whole again, and JSON values.

Content is kept apart from spans (`store/telemetry/contents.py`), for keys that keep it. Here both are put together: a mark that
stands in a span where something was taken out gives way to what was taken.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple, cast

import msgspec

from farthing.model.content import NO_RECORD
from farthing.model.content import Content as Taken
from farthing.model.span import Attributes, Scope, SpanEvent, Value
from farthing.normalize.content_values import Values, values
from farthing.normalize.logs import LOG, SIGNAL
from farthing.query.signals import IS_LOG
from farthing.store.telemetry import contents
from farthing.store.telemetry.engine import Engine
from farthing.store.telemetry.span_rows import NO_SPAN

MOST_SPANS = 50_000


class Content(msgspec.Struct, frozen=True):
    """A span with its content. Inputs, outputs and metadata are the JSON values the application gave; None: none told, or none kept."""

    attributes: Attributes
    events: tuple[SpanEvent, ...]
    """Those of the span, then log records that belong to it."""
    values: Values
    parent: str
    """The id of the span above it, "" of a root."""
    start_ns: int
    key_id: str
    """The key it came with."""
    kept: bool
    """Whether content of it is kept."""
    cut: bool
    """Whether some of that was too long to be kept."""

    @property
    def input(self) -> Value:
        """What the observation was given."""
        return self.values.input

    @property
    def output(self) -> Value:
        """What it answered."""
        return self.values.output

    @property
    def metadata(self) -> dict[str, Value] | None:
        """What the application noted with it."""
        return self.values.metadata


def of_trace(engine: Engine, project_id: str, trace_id: str) -> dict[str, Content]:
    """All spans of a trace, by their ids in hex, the earliest first; none of an unknown trace. Raises `StoreError`."""
    return _read(engine, project_id, [trace_id]).get(trace_id, {})


def of_traces(
    engine: Engine, project_id: str, traces: Sequence[str], spans: Sequence[str] = ()
) -> dict[str, dict[str, Content]]:
    """The same of several traces, by their ids; of some spans of them alone, if any are named. Raises `StoreError`."""
    return _read(engine, project_id, traces, spans)


def of_span(engine: Engine, project_id: str, trace_id: str, span_id: str) -> Content | None:
    """One span. Raises `StoreError`."""
    return _read(engine, project_id, [trace_id], [span_id]).get(trace_id, {}).get(span_id)


def of_whole(found: Mapping[str, Content]) -> Values:
    """What the trace itself was given and answered: as its spans say, the latest of them; else as its root was and did."""
    told = sorted(found.values(), key=lambda one: one.start_ns)
    root = next((one.values for one in told if not one.parent), told[0].values if told else Values())
    metadata: dict[str, Value] = {}
    given = answered = None
    for one in told:
        metadata |= one.values.trace_metadata or {}
        given = one.values.trace_input if one.values.trace_input is not None else given
        answered = one.values.trace_output if one.values.trace_output is not None else answered
    return Values(
        input=root.input if given is None else given,
        output=root.output if answered is None else answered,
        metadata=metadata or root.metadata,
    )


_IN_SPANS = "IN (SELECT toFixedString(unhex(arrayJoin({spans:Array(String)})), 8))"
_SPANS = f"""
SELECT trace_id, span_id, parent_span_id, name, scope_name, scope_version, attributes, events,
    toUnixTimestamp64Nano(start_time), key_id, JSONExtractString(resource, 'telemetry.sdk.language')
FROM spans
WHERE project_id = {{project:String}}
    AND trace_id IN (SELECT toFixedString(unhex(arrayJoin({{traces:Array(String)}})), 16))
    AND (empty({{spans:Array(String)}}) OR span_id {_IN_SPANS} OR (parent_span_id {_IN_SPANS} AND {IS_LOG}))
ORDER BY commit DESC, start_time
LIMIT 1 BY trace_id, span_id
LIMIT {{most:UInt32}}
"""


def _read(
    engine: Engine, project_id: str, traces: Sequence[str], spans: Sequence[str] = ()
) -> dict[str, dict[str, Content]]:
    asked = {"project": project_id, "traces": list(traces), "spans": list(spans), "most": MOST_SPANS}
    rows: dict[bytes, list[_Row]] = {}
    for row in engine.query(_SPANS, asked).rows if traces else ():
        rows.setdefault(row[0], []).append(_Row(*row[1:]))
    named = [row.span_id.hex() for held in rows.values() for row in held if spans]
    taken: dict[bytes, list[Taken]] = {}
    for one in contents.of_traces(engine, project_id, [trace_id.hex() for trace_id in rows], named):
        taken.setdefault(one.trace_id, []).append(one)
    return {trace_id.hex(): _together(held, taken.get(trace_id, ())) for trace_id, held in rows.items()}


def _together(rows: Sequence["_Row"], contents_: Sequence[Taken]) -> dict[str, Content]:
    """The spans of one trace and what was taken out of them."""
    own: dict[bytes, Taken] = {}
    told: dict[bytes, list[Taken]] = {}
    for taken in contents_:
        if taken.record_id == NO_RECORD:
            own[taken.span_id] = taken
        else:
            told.setdefault(taken.span_id, []).append(taken)
    for row in rows:
        # What a log record says of a call stands in a span of its own, below the one it restates.
        if row.span_id in own and row.parent != NO_SPAN and _IS_LOG in row.attributes:
            record = own[row.span_id]
            told.setdefault(row.parent, []).append(msgspec.structs.replace(record, name=row.name))
    found = [(row.span_id.hex(), _content(row, own.get(row.span_id), told.get(row.span_id, ()))) for row in rows]
    return dict(sorted(found, key=lambda one: (one[1].start_ns, one[0])))


class _Row(NamedTuple):
    span_id: bytes
    parent: bytes
    name: str
    scope: str
    version: str
    attributes: str
    events: str
    start_ns: int
    key_id: str
    language: str


_IS_LOG = f'"{SIGNAL}":"{LOG}"'


def _content(row: _Row, own: Taken | None, told: Sequence[Taken]) -> Content:
    whole: Attributes = msgspec.json.decode(row.attributes)
    happened = [
        SpanEvent(event["name"], event["time_ns"], event.get("attributes", {}))
        for event in (msgspec.json.decode(row.events) if row.events else ())
    ]
    if own is not None:
        whole |= own.attributes
        happened = [
            SpanEvent(event.name, event.time_ns, event.attributes | own.events.get(place, {}))
            for place, event in enumerate(happened)
        ]
    happened += [as_event(taken) for taken in told]
    return Content(
        whole,
        tuple(happened),
        values(whole, happened, Scope(row.scope, row.version), row.language),
        "" if row.parent == NO_SPAN else row.parent.hex(),
        row.start_ns,
        row.key_id,
        own is not None or bool(told),
        any(taken.cut for taken in (*told, *([own] if own else ()))),
    )


def as_event(taken: Taken) -> SpanEvent:
    """A log record's content as an event of the span it belongs to; a body with fields is told by them."""
    body = taken.body
    if body is None:
        return SpanEvent(taken.name, taken.time_ns, taken.attributes)
    fields = cast("dict[str, Value]", body) if isinstance(body, dict) else {"body": body}
    return SpanEvent(taken.name, taken.time_ns, {**taken.attributes, **fields})
