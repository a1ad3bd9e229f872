"""What was refused of a request, or is kept and can't be read, in; rows of the quarantine list out, without content or secrets. Pure.

A refused item is shown as an OTLP/JSON request of its own, so that today's code can be asked again what it thinks of it. One that
couldn't be decoded is shown by the shape of it alone: what can't be read can't be scrubbed either.
"""

import base64
from collections.abc import Sequence
from typing import Any, cast

import msgspec
import pyarrow as pa

from farthing.model.flaw import Refused, Unsettled
from farthing.model.log import LogRecord
from farthing.model.metric import Kind, Point, Temporality
from farthing.model.span import Attributes, Resource, Scope, Span, Value
from farthing.privacy.lengths import shortened_point, shortened_record, shortened_span
from farthing.privacy.logs import scrub_point, scrub_record
from farthing.privacy.scrub import scrub
from farthing.store.telemetry import quarantine_rows
from farthing.store.telemetry.quarantine_rows import Held

LARGEST_SAMPLE = 8_192
"""Bytes of an item that are kept; a longer one is cut and can't be sent again."""

Json = dict[str, Any]

_TEMPORALITIES = {Temporality.UNSPECIFIED: 0, Temporality.DELTA: 1, Temporality.CUMULATIVE: 2}
_FIELDS = {
    Kind.GAUGE: "gauge",
    Kind.SUM: "sum",
    Kind.HISTOGRAM: "histogram",
    Kind.EXPONENTIAL_HISTOGRAM: "exponentialHistogram",
    Kind.SUMMARY: "summary",
}
_encode = msgspec.json.Encoder(enc_hook=str).encode


class Unread(msgspec.Struct, frozen=True):
    """A trace that is kept and tells of no calls because of an error."""

    reason: Unsettled
    trace_id: bytes
    start_ns: int


def rows(
    project_id: str, signal: str, refused: Sequence[Refused], unread: Sequence[Unread] = ()
) -> dict[str, pa.Table]:
    """The table by its name; nothing where there is nothing to list."""
    held = [_held(signal, one) for one in refused]
    held += [Held("traces", one.reason.name.lower(), "", 0, True, one.trace_id, one.start_ns) for one in unread]
    return {quarantine_rows.NAME: quarantine_rows.table(project_id, held)} if held else {}


def _held(signal: str, refused: Refused) -> Held:
    item = refused.item
    sample = refused.shown or ""
    whole = False
    trace_id, start_ns = b"", 0
    if item is not None:
        try:
            sample = _encode(_request(item)).decode()
            whole = True
        except (ValueError, TypeError, OverflowError, RecursionError):  # it is on the list for being odd
            sample = ""
        trace_id = item.trace_id if isinstance(item, Span | LogRecord) else b""
        start_ns = item.start_ns if isinstance(item, Span) else item.time_ns
    size = refused.size or len(sample)
    cut = sample.encode("utf-8", "replace")[:LARGEST_SAMPLE].decode("utf-8", "ignore")
    return Held(signal, refused.reason.name.lower(), cut, size, whole and cut == sample, trace_id, start_ns)


def _request(item: Any) -> Json:
    """An OTLP/JSON request that holds this item alone."""
    if isinstance(item, Span):
        span = shortened_span(scrub(item))
        return _wrapped("resourceSpans", "scopeSpans", "spans", span.resource, span.scope, _span(span))
    if isinstance(item, LogRecord):
        record = shortened_record(scrub_record(item))
        return _wrapped("resourceLogs", "scopeLogs", "logRecords", record.resource, record.scope, _record(record))
    point = shortened_point(scrub_point(item))
    metric = point.metric
    return _wrapped("resourceMetrics", "scopeMetrics", "metrics", metric.resource, metric.scope, _metric(point))


def _wrapped(groups: str, scopes: str, items: str, resource: Resource, scope: Scope, item: Json) -> Json:
    scoped = {"scope": {"name": scope.name, "version": scope.version}, items: [item]}
    return {groups: [{"resource": {"attributes": _pairs(resource.attributes)}, scopes: [scoped]}]}


def _span(span: Span) -> Json:
    return {
        "traceId": span.trace_id.hex(),
        "spanId": span.span_id.hex(),
        "parentSpanId": span.parent_span_id.hex(),
        "name": span.name,
        "kind": span.kind,
        "startTimeUnixNano": str(span.start_ns),
        "endTimeUnixNano": str(span.end_ns),
        "status": {"code": span.status, "message": span.status_message},
        "attributes": _pairs(span.attributes),
        "events": [
            {"name": e.name, "timeUnixNano": str(e.time_ns), "attributes": _pairs(e.attributes)} for e in span.events
        ],
    }


def _record(record: LogRecord) -> Json:
    return {
        "traceId": record.trace_id.hex(),
        "spanId": record.span_id.hex(),
        "timeUnixNano": str(record.time_ns),
        "severityNumber": record.severity,
        "severityText": record.severity_text,
        "eventName": record.event_name,
        "body": _value(record.body),
        "attributes": _pairs(record.attributes),
    }


def _metric(point: Point) -> Json:
    metric = point.metric
    told: Json = {
        "startTimeUnixNano": str(point.start_ns),
        "timeUnixNano": str(point.time_ns),
        "attributes": _pairs(point.attributes),
    }
    if metric.kind in (Kind.GAUGE, Kind.SUM):
        name = "asInt" if isinstance(point.value, int) else "asDouble"
        told[name] = str(point.value) if isinstance(point.value, int) else point.value
    else:
        told |= {"count": str(point.count), "sum": point.sum, "min": point.min, "max": point.max}
        told |= _shape(metric.kind, point.shape)
    data: Json = {"dataPoints": [told], "aggregationTemporality": _TEMPORALITIES[metric.temporality]}
    if metric.kind is Kind.SUM:
        data["isMonotonic"] = metric.monotonic
    return {"name": metric.name, "unit": metric.unit, _FIELDS[metric.kind]: data}


def _shape(kind: Kind, shape: Attributes) -> Json:
    if kind is Kind.HISTOGRAM:
        return {"explicitBounds": shape.get("bounds", []), "bucketCounts": shape.get("counts", [])}
    if kind is Kind.SUMMARY:
        pairs = cast("list[list[Any]]", shape.get("quantiles", []))
        return {"quantileValues": [{"quantile": quantile, "value": value} for quantile, value in pairs]}
    sides = {
        side: {"offset": held.get("offset", 0), "bucketCounts": held.get("counts", [])}
        for side in ("positive", "negative")
        if (held := cast("Json", shape.get(side) or {}))
    }
    more = {"zeroCount": shape.get("zero_count", 0), "zeroThreshold": shape.get("zero_threshold", 0.0)}
    return {"scale": shape.get("scale", 0), **more, **sides}


def _pairs(attributes: Attributes) -> list[Json]:
    return [{"key": key, "value": _value(value)} for key, value in attributes.items()]


def _value(value: Value) -> Json:  # noqa: PLR0911  one return per kind
    match value:
        case None:
            return {}
        case bool():
            return {"boolValue": value}
        case int():
            return {"intValue": str(value)}
        case float():
            return {"doubleValue": value}
        case bytes():
            return {"bytesValue": base64.b64encode(value).decode()}
        case dict():
            return {"kvlistValue": {"values": _pairs(cast("Attributes", value))}}
        case list() | tuple():
            return {"arrayValue": {"values": [_value(one) for one in cast("list[Any]", value)]}}
        case _:
            return {"stringValue": str(value)}
