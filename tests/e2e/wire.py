"""Facts about spans in; OTLP requests as an exporter would send them out, and what their calls cost."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.trace.v1.trace_pb2 import Span

PROTOBUF, JSON = "application/x-protobuf", "application/json"

MODEL = "gpt-4o-mini"
_INPUT_USD, _OUTPUT_USD = Decimal("0.00000015"), Decimal("0.0000006")


def cost(input_tokens: int, output_tokens: int) -> Decimal:
    """What a call of `MODEL` costs."""
    return input_tokens * _INPUT_USD + output_tokens * _OUTPUT_USD


def request(spans: Iterable[Span]) -> ExportTraceServiceRequest:
    """One request of the service `shop`."""
    found = ExportTraceServiceRequest()
    group = found.resource_spans.add()
    group.resource.attributes.append(attribute("service.name", "shop"))
    scoped = group.scope_spans.add()
    scoped.scope.name = "shop.instrumentation"
    scoped.spans.extend(spans)
    return found


def span(trace_id: bytes, span_id: bytes, start_ns: int, attributes: Mapping[str, Any], *, parent: bytes = b"") -> Span:
    """A span that took 250 ms."""
    return Span(
        trace_id=trace_id,
        span_id=span_id,
        parent_span_id=parent,
        name="work",
        kind=Span.SPAN_KIND_CLIENT,
        start_time_unix_nano=start_ns,
        end_time_unix_nano=start_ns + 250_000_000,
        attributes=[attribute(key, value) for key, value in attributes.items()],
    )


def chat(input_tokens: int, output_tokens: int, **more: Any) -> dict[str, Any]:
    """The attributes of a call of `MODEL`."""
    return {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "openai",
        "gen_ai.request.model": MODEL,
        "gen_ai.usage.input_tokens": input_tokens,
        "gen_ai.usage.output_tokens": output_tokens,
        **more,
    }


def attribute(key: str, value: Any) -> KeyValue:
    """A key and a text, a whole number, a flag or a double."""
    if isinstance(value, bool):
        held = AnyValue(bool_value=value)
    elif isinstance(value, int):
        held = AnyValue(int_value=value)
    elif isinstance(value, float):
        held = AnyValue(double_value=value)
    else:
        held = AnyValue(string_value=str(value))
    return KeyValue(key=key, value=held)
