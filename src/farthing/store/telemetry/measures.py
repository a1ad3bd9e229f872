"""What is summed about calls: each measure's SQL over rows of `calls` and over rows that are sums already."""

import msgspec

from farthing.model.call import CUT_OFF

ACCURACY = "0.01"
"""Relative error of latency quantiles: a p95 of 1,000 ms is a true p95 between 990 and 1,010 ms."""

_MS = "intDiv(duration_ns, 1000000)"
_DD = f"({ACCURACY}, 0.5, 0.95)"


UNKNOWN_USAGE = f"(cost_status = 'unknown' AND (status = 'ok' OR error_type IN {CUT_OFF}))"
"""Whether a call is in no sum though it may have cost something. A call that its provider refused is in none either, and cost nothing."""


class Measure(msgspec.Struct, frozen=True):
    """A column of `rollup` with the SQL that makes it from rows of `calls`, and from rows of itself."""

    name: str
    of_calls: str
    of_sums: str


def _sum(name: str, of_calls: str) -> Measure:
    return Measure(name, of_calls, f"sum({name})")


MEASURES = (
    _sum("calls", "count()"),
    _sum("errors", "countIf(status = 'error')"),
    _sum("unpriced_calls", "countIf(cost_status = 'unpriced')"),
    _sum("unknown_usage_calls", f"countIf({UNKNOWN_USAGE})"),
    # A sum of nothing but NULLs is NULL: what nobody told is unknown, not zero.
    *(
        _sum(name, f"sum({name})")
        for name in ("cost", "input_cost", "output_cost", "input_tokens", "output_tokens", "cached_input_tokens")
    ),
    _sum("duration_sum", f"sum({_MS})"),
    Measure("duration_min", f"min({_MS})", "min(duration_min)"),
    Measure("duration_max", f"max({_MS})", "max(duration_max)"),
)
"""Exact measures. Durations count whole milliseconds of each call."""

SKETCH = Measure("duration_sketch", f"quantilesDDState{_DD}({_MS})", f"quantilesDDMergeState{_DD}(duration_sketch)")
"""A mergeable summary of latencies that p50 and p95 are read from."""

QUANTILES = f"quantilesDDMerge{_DD}(duration_sketch)"
"""[p50, p95] of merged sketches."""

NO_SKETCH = f"arrayReduce('quantilesDDState{_DD}', emptyArrayUInt64())"
"""The summary of no call at all."""
