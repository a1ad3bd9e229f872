"""An OTLP metrics request (protobuf or JSON bytes) in; its good data points and the counted reasons for the bad ones out.

Source: opentelemetry-proto's metrics.proto. A number's NaN is kept as no number; a point flagged as having no recorded
value says that its series ended, and is left out without being refused.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import msgspec
from google.protobuf.message import DecodeError
from opentelemetry.proto.metrics.v1.metrics_pb2 import Metric as Message

from farthing.intake import otlp_metrics_json, otlp_protobuf
from farthing.intake.mending import finite
from farthing.intake.otlp import DAY_NS, EARLIEST_NS
from farthing.intake.otlp_protobuf import pairs_of
from farthing.model.flaw import DropReason, Flaws, Notes, Refused, Repair
from farthing.model.metric import Kind, Metric, Point, Temporality
from farthing.model.span import Attributes, Resource, Scope

_TEMPORALITIES = {1: Temporality.DELTA, 2: Temporality.CUMULATIVE}
_NO_VALUE = 1
"""The flag of a point without a recorded value."""


class Decoded(msgspec.Struct):
    """The points of one request and what was wrong with the others."""

    points: list[Point]
    flaws: Flaws


def decode_protobuf(body: bytes, now_ns: int) -> Decoded:
    """Decode an ExportMetricsServiceRequest. Raises `BadRequestError` when the bytes are not one."""
    flaws = Flaws()
    found = otlp_protobuf.records(body, "ExportMetricsServiceRequest", flaws.repaired)
    return _judged(_from_protobuf(found, flaws.repaired), now_ns, flaws)


def decode_json(body: bytes, now_ns: int) -> Decoded:
    """Decode OTLP/JSON. Raises `BadRequestError` when it is not JSON of that shape."""
    flaws = Flaws()
    return _judged(otlp_metrics_json.points(body, flaws.repaired), now_ns, flaws)


def _judged(found: Iterator[Point | Refused], now_ns: int, flaws: Flaws) -> Decoded:
    good: list[Point] = []
    for point in found:
        if isinstance(point, Refused):
            flaws.reject(point)
        elif not point.metric.name:
            flaws.reject(Refused(DropReason.MALFORMED, point))
        elif point.time_ns < EARLIEST_NS:
            flaws.reject(Refused(DropReason.TOO_OLD, point))
        elif point.time_ns > now_ns + DAY_NS or point.start_ns > now_ns + DAY_NS:
            flaws.reject(Refused(DropReason.IN_THE_FUTURE, point))
        else:
            good.append(point)
    return Decoded(good, flaws)


def _from_protobuf(
    found: Iterable[tuple[bytes, Scope, Resource]], repaired: Counter[Repair]
) -> Iterator[Point | Refused]:
    for raw, scope, resource in found:
        notes = Notes()
        try:
            message = otlp_protobuf.mending(Message.FromString, raw, Message, notes)
        except DecodeError:
            yield Refused(DropReason.MALFORMED, size=len(raw))
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
                # A point carries no marks: its attributes name its series, and a mark would make it another one.
                yield read(metric, point, notes)
                repaired.update(notes.repairs)
                notes = Notes()


def _point(metric: Metric, point: Any, notes: Notes, **told: Any) -> Point:
    """What points of all kinds have, and what this one tells."""
    start_ns, time_ns = point.start_time_unix_nano, point.time_unix_nano
    return Point(metric, start_ns, time_ns, pairs_of(point.attributes, notes), **told)


def _number(metric: Metric, point: Any, notes: Notes) -> Point:
    value = point.as_int if point.WhichOneof("value") == "as_int" else point.as_double
    return _point(metric, point, notes, value=finite(value, notes))


def _histogram(metric: Metric, point: Any, notes: Notes) -> Point:
    shape = {"bounds": list(point.explicit_bounds), "counts": list(point.bucket_counts)}
    return _distribution(metric, point, shape, notes)


def _exponential(metric: Metric, point: Any, notes: Notes) -> Point:
    shape: Attributes = {
        "scale": point.scale,
        "zero_count": point.zero_count,
        "zero_threshold": point.zero_threshold,
        "positive": {"offset": point.positive.offset, "counts": list(point.positive.bucket_counts)},
        "negative": {"offset": point.negative.offset, "counts": list(point.negative.bucket_counts)},
    }
    return _distribution(metric, point, shape, notes)


def _distribution(metric: Metric, point: Any, shape: Attributes, notes: Notes) -> Point:
    told = {field: finite(getattr(point, field), notes) for field in ("sum", "min", "max") if point.HasField(field)}
    return _point(metric, point, notes, count=point.count, shape=shape, **told)


def _summary(metric: Metric, point: Any, notes: Notes) -> Point:
    shape = {"quantiles": [[q.quantile, q.value] for q in point.quantile_values]}
    return _point(metric, point, notes, count=point.count, sum=finite(point.sum, notes), shape=shape)


_READERS: dict[Kind, Callable[[Metric, Any, Notes], Point]] = {
    Kind.GAUGE: _number,
    Kind.SUM: _number,
    Kind.HISTOGRAM: _histogram,
    Kind.EXPONENTIAL_HISTOGRAM: _exponential,
    Kind.SUMMARY: _summary,
}
