"""A data point of a metric as it was received: one series at one time."""

from enum import StrEnum

import msgspec

from farthing.model.span import Attributes, Resource, Scope


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

    `shape` is the distribution as received: bounds and bucket counts, scale and offsets, or quantiles.
    """

    metric: Metric
    start_ns: int
    time_ns: int
    attributes: Attributes
    value: int | float | None = None
    count: int | None = None
    sum: float | None = None
    min: float | None = None
    max: float | None = None
    shape: Attributes = {}
