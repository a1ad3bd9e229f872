"""An OTLP metrics request (protobuf or JSON bytes) in; its good data points and the counted reasons for the bad ones out.

Source: opentelemetry-proto's metrics.proto. A number's NaN is kept as no number; a point flagged as having no recorded
value says that its series ended, and is left out without being refused.
"""

import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import msgspec
from google.protobuf.message import DecodeError
from opentelemetry.proto.metrics.v1.metrics_pb2 import Metric as Message

from farthing.intake import otlp_metrics_json, otlp_protobuf
from farthing.intake.otlp import DAY_NS, EARLIEST_NS
from farthing.model.metric import Kind, Metric, Point, Temporality
from farthing.model.span import Attributes, Resource, Scope
from farthing.prepare import DropReason

_TEMPORALITIES = {1: Temporality.DELTA, 2: Temporality.CUMULATIVE}
_NO_VALUE = 1
"""The flag of a point without a recorded value."""


class Decoded(msgspec.Struct):
    """The points of one request and what was wrong with the others."""

    points: list[Point]
    rejected: Counter[DropReason]


def decode_protobuf(body: bytes, now_ns: int) -> Decoded:
    """Decode an ExportMetricsServiceRequest. Raises `BadRequestError` when the bytes are not one."""
    return _judged(_from_protobuf(otlp_protobuf.records(body, "ExportMetricsServiceRequest")), now_ns)


def decode_json(body: bytes, now_ns: int) -> Decoded:
    """Decode OTLP/JSON. Raises `BadRequestError` when it is not JSON of that shape."""
    return _judged(otlp_metrics_json.points(body), now_ns)


def _judged(found: Iterator[Point | None], now_ns: int) -> Decoded:
    out = Decoded([], Counter())
    for point in found:
        if point is None or not point.metric.name:
            out.rejected[DropReason.MALFORMED] += 1
        elif point.time_ns < EARLIEST_NS:
            out.rejected[DropReason.TOO_OLD] += 1
        elif point.time_ns > now_ns + DAY_NS or point.start_ns > now_ns + DAY_NS:
            out.rejected[DropReason.IN_THE_FUTURE] += 1
        else:
            out.points.append(point)
    return out


def _from_protobuf(found: Iterable[tuple[bytes, Scope, Resource]]) -> Iterator[Point | None]:
    for raw, scope, resource in found:
        try:
            message = Message.FromString(raw)
        except DecodeError:
            yield None
            continue
        name = message.WhichOneof("data")
        if name is None:
            continue
        data = getattr(message, name)
        metric = Metric(
            message.name,
            message.unit,
            Kind(name),
            _TEMPORALITIES.get(getattr(data, "aggregation_temporality", 0), Temporality.UNSPECIFIED),
            getattr(data, "is_monotonic", False),
            scope,
            resource,
        )
        read = _READERS[metric.kind]
        for point in data.data_points:
            if not point.flags & _NO_VALUE:
                yield read(metric, point)


def _attributes(point: Any) -> Attributes:
    return {pair.key: otlp_protobuf.value_of(pair.value) for pair in point.attributes}


def _number(metric: Metric, point: Any) -> Point:
    value = point.as_int if point.WhichOneof("value") == "as_int" else point.as_double
    return Point(
        metric,
        point.start_time_unix_nano,
        point.time_unix_nano,
        _attributes(point),
        value if math.isfinite(value) else None,
    )


def _histogram(metric: Metric, point: Any) -> Point:
    shape = {"bounds": list(point.explicit_bounds), "counts": list(point.bucket_counts)}
    return _distribution(metric, point, shape)


def _exponential(metric: Metric, point: Any) -> Point:
    shape: Attributes = {
        "scale": point.scale,
        "zero_count": point.zero_count,
        "zero_threshold": point.zero_threshold,
        "positive": {"offset": point.positive.offset, "counts": list(point.positive.bucket_counts)},
        "negative": {"offset": point.negative.offset, "counts": list(point.negative.bucket_counts)},
    }
    return _distribution(metric, point, shape)


def _distribution(metric: Metric, point: Any, shape: Attributes) -> Point:
    def told(field: str) -> float | None:
        value = getattr(point, field) if point.HasField(field) else None
        return value if value is not None and math.isfinite(value) else None

    return Point(
        metric,
        point.start_time_unix_nano,
        point.time_unix_nano,
        _attributes(point),
        count=point.count,
        sum=told("sum"),
        min=told("min"),
        max=told("max"),
        shape=shape,
    )


def _summary(metric: Metric, point: Any) -> Point:
    return Point(
        metric,
        point.start_time_unix_nano,
        point.time_unix_nano,
        _attributes(point),
        count=point.count,
        sum=point.sum if math.isfinite(point.sum) else None,
        shape={"quantiles": [[q.quantile, q.value] for q in point.quantile_values]},
    )


_READERS: dict[Kind, Callable[[Metric, Any], Point]] = {
    Kind.GAUGE: _number,
    Kind.SUM: _number,
    Kind.HISTOGRAM: _histogram,
    Kind.EXPONENTIAL_HISTOGRAM: _exponential,
    Kind.SUMMARY: _summary,
}
