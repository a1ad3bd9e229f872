"""The spans and calls of one trace, as they were read, in; what they add up to, as `traces.summary` takes it, out.

Lists have the store add up. Who has read a whole trace adds up what is there: asking again would take as long as reading did.
"""

import operator
from collections.abc import Callable, Iterable, Mapping, Sequence
from heapq import nsmallest
from typing import Any

from farthing.model import money
from farthing.model.call import CUT_OFF
from farthing.query.shapes import Json
from farthing.query.traces import MOST_BARS, MOST_TAGS
from farthing.store.telemetry.engine import Columns
from farthing.store.telemetry.span_rows import NO_SPAN

_ERROR = 2
"""A span's status, as OTLP numbers it."""

_SAID = ("feature", "user_id", "session_id", "environment")

OF_CALLS = ("duration_ns", *_SAID, "tags")
"""What must be selected of calls besides what is drawn of them."""


def of_spans(spans: Columns) -> Json:
    """At least one span in, each once."""
    starts, lasted = spans["start_ns"], spans["duration_ns"]
    roots = zip((parent != NO_SPAN for parent in spans["parent_span_id"]), starts, spans["name"], strict=True)
    return {
        "spans": len(starts),
        "start_ns": min(starts),
        "end_ns": max(map(operator.add, starts, lasted)),
        "root": min(roots)[2],
        "errors": spans["status"].count(_ERROR),
    }


def of_calls(calls: Columns, places: Iterable[int]) -> Json:
    """Of the calls at these places those that own their tokens; nothing where there are none."""
    owners, starts = calls["is_owner"], calls["start_ns"]
    counted = sorted((place for place in places if owners[place]), key=starts.__getitem__)
    if not counted:
        return {}

    def of(name: str) -> Sequence[Any]:
        column = calls[name]
        return [column[place] for place in counted]

    started, lasted, statuses, priced = of("start_ns"), of("duration_ns"), of("status"), of("cost_status")
    used = zip(priced, statuses, of("error_type"), strict=True)
    bars = zip(started, lasted, (status == "error" for status in statuses), strict=True)
    return {
        "calls": len(counted),
        "cost_": _told(of("cost"), money.total),
        "input_tokens_": _told(of("input_tokens"), sum),
        "output_tokens_": _told(of("output_tokens"), sum),
        "errors": statuses.count("error"),
        "unpriced_calls": priced.count("unpriced"),
        "unknown_usage_calls": sum(
            cost == "unknown" and (status == "ok" or error in CUT_OFF) for cost, status, error in used
        ),
        **{f"{name}_": calls[name][counted[0]] for name in _SAID},
        "tags_": _pairs(of("tags")),
        "bars": nsmallest(MOST_BARS, bars),
        "start_ns": started[0],
        "end_ns": max(map(operator.add, started, lasted)),
    }


def _told(column: Iterable[Any], total: Callable[[list[Any]], Any]) -> Any:
    """Unknown where nobody told any."""
    told = [value for value in column if value is not None]
    return total(told) if told else None


def _pairs(column: Iterable[Mapping[str, str]]) -> list[tuple[str, str]]:
    found: dict[tuple[str, str], None] = {}
    for tags in column:
        for pair in tags.items():
            found[pair] = None
            if len(found) == MOST_TAGS:
                return list(found)
    return list(found)
