"""Settled spans in; an OTLP request that carries them, each call with its cost, out."""

import math
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, ArrayValue, KeyValue, KeyValueList
from opentelemetry.proto.trace.v1 import trace_pb2

from farthing.model import money
from farthing.store.telemetry.settled import Settled

COST = "gen_ai.usage.cost_usd"
"""A number, for that is what backends can add up; `EXACT` beside it is the same without a rounding."""
EXACT = "farthing.cost_usd"


def encode(spans: Iterable[Settled]) -> bytes:
    """One request. Spans of one resource and scope stand together."""
    request = ExportTraceServiceRequest()
    groups: dict[bytes, Any] = {}
    for settled in spans:
        span = settled.span
        key = msgspec.json.encode([span.resource.attributes, span.scope.name, span.scope.version], order="sorted")
        if key not in groups:
            resource = request.resource_spans.add()
            resource.resource.attributes.extend(_pairs(span.resource.attributes))
            groups[key] = resource.scope_spans.add()
            groups[key].scope.name, groups[key].scope.version = span.scope.name, span.scope.version
        groups[key].spans.append(_span(settled))
    return request.SerializeToString()


def _span(settled: Settled) -> trace_pb2.Span:
    span = settled.span
    attributes = dict(span.attributes)
    if settled.cost is not None:
        attributes[COST], attributes[EXACT] = float(settled.cost), money.decimal_text(settled.cost)
    told = trace_pb2.Span(
        trace_id=span.trace_id,
        span_id=span.span_id,
        parent_span_id=span.parent_span_id,
        name=span.name,
        start_time_unix_nano=span.start_ns,
        end_time_unix_nano=span.end_ns,
        attributes=_pairs(attributes),
    )
    # Numbers of kinds and states that only a later version of OTLP names are passed on as they came.
    kind: Any = span.kind
    code: Any = span.status
    told.MergeFrom(trace_pb2.Span(kind=kind, status=trace_pb2.Status(code=code, message=span.status_message)))
    for event in span.events:
        told.events.add(name=event.name, time_unix_nano=event.time_ns, attributes=_pairs(event.attributes))
    return told


def _pairs(attributes: Mapping[str, Any]) -> list[KeyValue]:
    return [KeyValue(key=key, value=_value(value)) for key, value in attributes.items()]


def _value(value: Any) -> AnyValue:
    match value:
        case bool():
            return AnyValue(bool_value=value)
        case int() if -(2**63) <= value < 2**63:
            return AnyValue(int_value=value)
        case float() if math.isfinite(value):
            return AnyValue(double_value=value)
        case list():
            return AnyValue(array_value=ArrayValue(values=[_value(item) for item in value]))  # pyright: ignore[reportUnknownVariableType]
        case dict():
            return AnyValue(kvlist_value=KeyValueList(values=_pairs(value)))  # pyright: ignore[reportUnknownArgumentType]
        case _:
            return AnyValue() if value is None else AnyValue(string_value=str(value))
