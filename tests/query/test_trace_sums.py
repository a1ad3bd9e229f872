"""A trace's own spans and calls in; sums that are exact, leave out what another call owns, and know what nobody told."""

from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from farthing.model import money
from farthing.query.trace_sums import of_calls, of_spans
from farthing.store.telemetry.engine import Columns
from farthing.store.telemetry.span_rows import NO_SPAN

CALL: dict[str, Any] = {
    "is_owner": True, "start_ns": 5, "duration_ns": 10, "status": "ok", "error_type": "", "cost": Decimal(2),
    "cost_status": "computed", "input_tokens": 3, "output_tokens": 4, "feature": "", "user_id": "", "session_id": "",
    "environment": "", "tags": {},
}  # fmt: skip


def columns(*rows: dict[str, Any]) -> Columns:
    return {name: [row[name] for row in rows] for name in rows[0]}


def summed(*rows: dict[str, Any]) -> Any:
    return of_calls(columns(*(CALL | row for row in rows)), range(len(rows)))


def test_what_another_call_owns_is_in_no_sum() -> None:
    found = summed({"is_owner": False, "start_ns": 1, "feature": "a"}, {"feature": "b"})
    assert (found["calls"], found["cost_"], found["start_ns"], found["feature_"]) == (1, Decimal(2), 5, "b")
    assert summed({"is_owner": False}) == {}


def test_unknown_is_never_zero() -> None:
    none = summed({"cost": None, "input_tokens": None, "output_tokens": 0})
    assert (none["cost_"], none["input_tokens_"], none["output_tokens_"]) == (None, None, 0)


def test_what_is_in_no_sum_is_counted_but_what_was_refused_cost_nothing() -> None:
    unknown = {"cost_status": "unknown", "cost": None}
    refused = unknown | {"status": "error", "error_type": "429"}
    cut = refused | {"error_type": "client_disconnected"}
    found = summed(unknown, refused, cut, {"cost_status": "unpriced", "cost": None})
    assert (found["unknown_usage_calls"], found["unpriced_calls"], found["errors"]) == (2, 1, 2)


@given(st.lists(st.integers(0, 10**38 - 1), min_size=1, max_size=9))
def test_sums_lose_no_digit(units: list[int]) -> None:
    found = summed(*({"cost": money.to_decimal(one)} for one in units))
    assert money.to_units(found["cost_"]) == sum(units)


def test_the_earliest_calls_are_told_of() -> None:
    calls = [{"start_ns": 90 - at, "tags": {"at": str(at), "all": "same"}} for at in range(30)]
    found = summed(*calls)
    assert found["bars"] == [(61 + at, 10, False) for at in range(24)]
    assert sorted(found["tags_"]) == [("all", "same"), *sorted(("at", str(at)) for at in range(19, 30))]
    assert (found["start_ns"], found["end_ns"]) == (61, 100)


def test_a_trace_is_called_as_its_earliest_root() -> None:
    span = {"parent_span_id": NO_SPAN, "duration_ns": 3, "status": 0}
    below = span | {"parent_span_id": b"\1" * 8, "start_ns": 1, "name": "below", "status": 2, "duration_ns": 9}
    found = of_spans(columns(below, span | {"start_ns": 6, "name": "late"}, span | {"start_ns": 4, "name": "root"}))
    assert found == {"spans": 3, "start_ns": 1, "end_ns": 10, "root": "root", "errors": 1}
