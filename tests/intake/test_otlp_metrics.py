"""Metrics requests in both encodings: every kind of point, what is refused alone, and what isn't there."""

import json
import math
from typing import Any

import pytest
from google.protobuf import json_format
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest

from farthing.intake.otlp_metrics import decode_json, decode_protobuf
from farthing.model.flaw import DropReason
from farthing.model.metric import Kind, Point, Temporality

NOW = 1_795_217_047_000_000_000
EARLIER = NOW - 60 * 10**9


def request() -> tuple[ExportMetricsServiceRequest, Any]:
    found = ExportMetricsServiceRequest()
    group = found.resource_metrics.add()
    group.resource.attributes.add(key="service.name").value.string_value = "shop"
    scoped = group.scope_metrics.add()
    scoped.scope.name = "lib"
    return found, scoped.metrics.add(name="tokens", unit="{token}")


def both(message: ExportMetricsServiceRequest) -> list[Point]:
    """What either decoder makes of the same request: always the same."""
    text = json.dumps(json_format.MessageToDict(message, use_integers_for_enums=True)).encode()
    binary = decode_protobuf(message.SerializeToString(), NOW)
    assert binary == decode_json(text, NOW)
    assert not binary.flaws.rejected
    return binary.points


def times() -> dict[str, int]:
    return {"start_time_unix_nano": EARLIER, "time_unix_nano": NOW}


def test_a_gauge() -> None:
    message, metric = request()
    metric.gauge.data_points.add(as_double=0.5, **times()).attributes.add(key="model").value.string_value = "m"
    (point,) = both(message)
    assert (point.metric.kind, point.metric.temporality) == (Kind.GAUGE, Temporality.UNSPECIFIED)
    assert (point.metric.name, point.metric.unit, point.value) == ("tokens", "{token}", 0.5)
    assert (point.start_ns, point.time_ns, point.attributes) == (EARLIER, NOW, {"model": "m"})


@pytest.mark.parametrize(("number", "temporality"), [(1, Temporality.DELTA), (2, Temporality.CUMULATIVE)])
def test_a_sum_keeps_whole_numbers_and_its_temporality(number: int, temporality: Temporality) -> None:
    message, metric = request()
    metric.sum.aggregation_temporality, metric.sum.is_monotonic = number, True
    metric.sum.data_points.add(as_int=2**60 + 1, **times())
    (point,) = both(message)
    assert (point.metric.kind, point.metric.temporality, point.metric.monotonic) == (Kind.SUM, temporality, True)
    assert point.value == 2**60 + 1


def test_a_histogram() -> None:
    message, metric = request()
    metric.histogram.aggregation_temporality = 2
    metric.histogram.data_points.add(
        count=3, sum=59.0, min=17.0, max=21.0, explicit_bounds=[10.0, 20.0], bucket_counts=[0, 1, 2], **times()
    )
    (point,) = both(message)
    assert (point.count, point.sum, point.min, point.max) == (3, 59.0, 17.0, 21.0)
    assert point.shape == {"bounds": [10.0, 20.0], "counts": [0, 1, 2]}
    assert point.value is None


def test_a_histogram_that_tells_no_sum_has_none() -> None:
    message, metric = request()
    metric.histogram.data_points.add(count=3, **times())
    (point,) = both(message)
    assert (point.sum, point.min, point.max) == (None, None, None)


def test_an_exponential_histogram() -> None:
    message, metric = request()
    point = metric.exponential_histogram.data_points.add(count=2, sum=38.0, scale=20, zero_count=1, **times())
    point.positive.offset = 4_605_650
    point.positive.bucket_counts.extend([1, 0, 1])
    (found,) = both(message)
    assert found.metric.kind is Kind.EXPONENTIAL_HISTOGRAM
    assert found.shape["positive"] == {"offset": 4_605_650, "counts": [1, 0, 1]}
    assert (found.shape["scale"], found.shape["zero_count"]) == (20, 1)


def test_a_summary() -> None:
    message, metric = request()
    metric.summary.data_points.add(count=2, sum=3.0, **times()).quantile_values.add(quantile=0.5, value=1.5)
    (point,) = both(message)
    assert (point.count, point.sum, point.shape) == (2, 3.0, {"quantiles": [[0.5, 1.5]]})


def test_a_series_that_ended_is_no_point() -> None:
    message, metric = request()
    metric.gauge.data_points.add(flags=1, **times())
    assert both(message) == []


def test_nan_is_no_number() -> None:
    message, metric = request()
    metric.gauge.data_points.add(as_double=math.nan, **times())
    (point,) = decode_protobuf(message.SerializeToString(), NOW).points
    assert point.value is None


def test_each_bad_point_is_refused_alone() -> None:
    message, metric = request()
    metric.gauge.data_points.add(as_int=1, time_unix_nano=1)
    metric.gauge.data_points.add(as_int=1, time_unix_nano=NOW + 2 * 86_400 * 10**9)
    metric.gauge.data_points.add(as_int=1, time_unix_nano=NOW)
    found = decode_protobuf(message.SerializeToString(), NOW)
    assert len(found.points) == 1
    assert found.flaws.rejected == {DropReason.TOO_OLD: 1, DropReason.IN_THE_FUTURE: 1}


BAD: list[Any] = [
    1,
    {"name": 1, "gauge": {"dataPoints": []}},
    {"name": "m", "gauge": {"dataPoints": 1}},
    {"name": "m", "gauge": {"dataPoints": [1]}},
    {"name": "m", "gauge": {"dataPoints": [{"asDouble": {}, "timeUnixNano": str(NOW)}]}},
    {"name": "m", "histogram": {"dataPoints": [{"bucketCounts": 1, "timeUnixNano": str(NOW)}]}},
    {"gauge": {"dataPoints": [{"asInt": "1", "timeUnixNano": str(NOW)}]}},
]


@pytest.mark.parametrize("metric", BAD)
def test_json_of_another_shape_costs_its_point(metric: Any) -> None:
    good = {"name": "good", "sum": {"dataPoints": [{"asInt": "1", "timeUnixNano": str(NOW)}]}}
    body = json.dumps({"resourceMetrics": [{"scopeMetrics": [{"metrics": [metric, good]}]}]})
    found = decode_json(body.encode(), NOW)
    assert [point.metric.name for point in found.points] == ["good"]
    assert found.flaws.rejected == {DropReason.MALFORMED: 1}
