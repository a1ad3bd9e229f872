"""A data point of a metric as it was received: one series at one time."""

from enum import StrEnum

import msgspec

from farthing.model.span import Attributes, Resource, Scope, Value


class Kind(StrEnum):
    """What a metric's points hold."""

    GAUGE = "gauge"
    SUM = "sum"
    HISTOGRAM = "histogram"
    EXPONENTIAL_HISTOGRAM = "exponential_histogram"
    SUMMARY = "summary"


class Temporality(StrEnum):
    """Since when a point counts: since the point before, or since its series began."""

    UNSPECIFIED = ""
    DELTA = "delta"
    CUMULATIVE = "cumulative"


class Metric(msgspec.Struct, frozen=True, gc=False):
    """What all points of a metric have in common."""

    name: str
    unit: str
    kind: Kind
    temporality: Temporality
    monotonic: bool
    scope: Scope
    resource: Resource


class Point(msgspec.Struct, frozen=True, gc=False):
    """One data point. Times are Unix nanoseconds; what the metric's kind doesn't have is None.

    Numbers are as they were sent, doubles included: they are measurements, and no money is reckoned with them.
    `shape` is the distribution as received: bounds and bucket counts, scale and offsets, or quantiles.
    """

    metric: Metric
    start_ns: int
    time_ns: int
    attributes: Attributes
    value: Value = None
    count: int | None = None
    sum: Value = None
    min: Value = None
    max: Value = None
    shape: Attributes = {}
