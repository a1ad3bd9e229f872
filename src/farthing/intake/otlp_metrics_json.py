"""An OTLP/JSON metrics request in; its data points out, and what is refused of them.

Source: https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding and opentelemetry-proto's metrics.proto.
"""

import math
from collections import Counter
from collections.abc import Iterator
from typing import Any, cast

from farthing.errors import BadRequestError
from farthing.intake.lenient_json import MENDED, known, shape
from farthing.intake.mending import finite
from farthing.intake.otlp_json import (
    Json,
    attributes_of,
    dict_of,
    double_of,
    enum_of,
    get,
    int_of,
    list_of,
    records,
    text_of,
)
from farthing.model.flaw import DropReason, Notes, Refused, Repair
from farthing.model.metric import Kind, Metric, Point, Temporality
from farthing.model.span import Attributes, Resource, Scope

_NAMES = (("resourceMetrics", "resource_metrics"), ("scopeMetrics", "scope_metrics"), ("metrics",))
_KINDS = {
    "gauge": Kind.GAUGE,
    "sum": Kind.SUM,
    "histogram": Kind.HISTOGRAM,
    "exponentialHistogram": Kind.EXPONENTIAL_HISTOGRAM,
    "exponential_histogram": Kind.EXPONENTIAL_HISTOGRAM,
    "summary": Kind.SUMMARY,
}
_TEMPORALITIES = {"AGGREGATION_TEMPORALITY_DELTA": 1, "AGGREGATION_TEMPORALITY_CUMULATIVE": 2}
_NO_VALUE = 1
_FLAWS = (ValueError, TypeError, OverflowError, BadRequestError)
"""What costs one point, or one metric that can't be read."""


def points(body: bytes, repaired: Counter[Repair]) -> Iterator[Point | Refused]:
    """Yield the points of an ExportMetricsServiceRequest, and what is none; repairs are counted.

    Raises `BadRequestError` when the body is not JSON or not of that shape.
    """
    for raw, scope, resource in records(body, repaired, *_NAMES):
        kind = next((name for name in _KINDS if isinstance(raw, dict) and isinstance(raw.get(name), dict)), "")
        if not kind:
            if not isinstance(raw, dict):
                yield Refused(DropReason.MALFORMED, shown=shape(raw))
            continue
        message = cast("Json", raw)
        data = dict_of(message, kind)
        try:
            metric = _metric(message, data, _KINDS[kind], scope, resource)
            held = list_of(data, "dataPoints", "data_points")
        except _FLAWS:
            yield Refused(DropReason.MALFORMED, shown=shape(message))
            continue
        for point in held:
            notes = Notes()
            try:
                if not int_of(dict_or_raise(point).get("flags")) & _NO_VALUE:
                    yield _point(metric, point, notes)
            except _FLAWS:
                yield Refused(DropReason.MALFORMED, shown=shape(point))
            repaired.update(notes.repairs | known(point.get(MENDED) if isinstance(point, dict) else None))


def dict_or_raise(raw: Any) -> Json:
    """The object this is. Raises `TypeError` for anything else."""
    if not isinstance(raw, dict):
        msg = "not an object"
        raise TypeError(msg)
    return cast("Json", raw)


def _metric(message: Json, data: Json, kind: Kind, scope: Scope, resource: Resource) -> Metric:
    temporality = enum_of(get(data, "aggregationTemporality", "aggregation_temporality"), _TEMPORALITIES)
    return Metric(
        text_of(message.get("name")),
        text_of(message.get("unit")),
        kind,
        {1: Temporality.DELTA, 2: Temporality.CUMULATIVE}.get(temporality, Temporality.UNSPECIFIED),
        bool(get(data, "isMonotonic", "is_monotonic")),
        scope,
        resource,
    )


def _point(metric: Metric, raw: Json, notes: Notes) -> Point:
    start = int_of(get(raw, "startTimeUnixNano", "start_time_unix_nano"))
    time = int_of(get(raw, "timeUnixNano", "time_unix_nano"))
    attributes = attributes_of(raw.get("attributes"), notes)

    def told(name: str) -> float | None:
        return _finite(raw.get(name), notes)

    if metric.kind in (Kind.GAUGE, Kind.SUM):
        whole = get(raw, "asInt", "as_int")
        value = int_of(whole) if whole is not None else _finite(get(raw, "asDouble", "as_double"), notes)
        return Point(metric, start, time, attributes, value)
    return Point(
        metric,
        start,
        time,
        attributes,
        count=int_of(raw.get("count")),
        sum=told("sum"),
        min=told("min"),
        max=told("max"),
        shape=_SHAPES[metric.kind](raw),
    )


def _finite(raw: Any, notes: Notes) -> float | None:
    value = _number(raw)
    return None if value is None else finite(value, notes)


def _histogram(raw: Json) -> Attributes:
    return {
        "bounds": [_double(item) for item in list_of(raw, "explicitBounds", "explicit_bounds")],
        "counts": _counts(raw),
    }


def _exponential(raw: Json) -> Attributes:
    return {
        "scale": int_of(raw.get("scale")),
        "zero_count": int_of(get(raw, "zeroCount", "zero_count")),
        "zero_threshold": _double(get(raw, "zeroThreshold", "zero_threshold")) or 0.0,
        "positive": _buckets(dict_of(raw, "positive")),
        "negative": _buckets(dict_of(raw, "negative")),
    }


def _summary(raw: Json) -> Attributes:
    held = [dict_or_raise(item) for item in list_of(raw, "quantileValues", "quantile_values")]
    return {"quantiles": [[_double(item.get("quantile")), _double(item.get("value"))] for item in held]}


_SHAPES = {Kind.HISTOGRAM: _histogram, Kind.EXPONENTIAL_HISTOGRAM: _exponential, Kind.SUMMARY: _summary}


def _buckets(raw: Json) -> Attributes:
    return {"offset": int_of(raw.get("offset")), "counts": _counts(raw)}


def _counts(raw: Json) -> list[int]:
    return [int_of(item) for item in list_of(raw, "bucketCounts", "bucket_counts")]


def _double(raw: Any) -> float | None:
    value = _number(raw)
    return value if value is not None and math.isfinite(value) else None


def _number(raw: Any) -> float | None:
    if raw is None:
        return None
    if isinstance(raw, bool) or not isinstance(raw, int | float | str):
        msg = "not a number"
        raise TypeError(msg)
    return double_of(raw) if isinstance(raw, str) else float(raw)
