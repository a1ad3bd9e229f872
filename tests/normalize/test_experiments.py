"""Spans of experiments in; the cases they tell of, whatever the order and however often, out."""

import random
from functools import reduce

import pytest
from corpus.recording import spans
from hypothesis import given, settings
from hypothesis import strategies as st

from farthing.model.run import Outcome, RunItem
from farthing.model.span import NO_PARENT, Resource, Scope, Span
from farthing.normalize.experiments import joined, of_spans
from farthing.privacy.scrub import scrub_all

TRACE, ROOT = bytes(range(1, 17)), bytes(range(1, 9))


def span(attributes: dict[str, object], span_id: bytes = ROOT, status: int = 0) -> Span:
    return Span(TRACE, span_id, NO_PARENT, "case", 1, 5, 9, status, "why", Scope(), Resource(), attributes)


def told(**more: object) -> dict[str, object]:
    known = {"id": "run", "item.id": "item", "item.root_observation_id": ROOT.hex()} | more
    return {f"langfuse.experiment.{name}": value for name, value in known.items()}


@pytest.mark.parametrize(
    ("case", "dataset"), [("langfuse-v3/experiment", "ds_2e297cd9cc47"), ("langfuse-v5/experiment", "ds_f7da81ad5228")]
)
def test_the_recorded_experiments_are_understood(case: str, dataset: str) -> None:
    found = of_spans(scrub_all(spans(case)))
    assert sorted((one.dataset_id, one.item_id) for one in found) == [
        ("", "ca978112ca1bbdca"), (dataset, "qa-1"), (dataset, "qa-2"),
    ]  # fmt: skip
    for one in found:
        assert one.whole
        assert one.outcome is Outcome.OK
        assert one.ended_ns > one.started_ns
        if one.dataset_id:
            assert (one.run_name, one.description, one.metadata) == ("exp-1 run", "desc", '{"model": "gpt-4o-mini"}')


def test_fields_of_metadata_and_versions_are_read() -> None:
    (one,) = of_spans(
        [span(told(**{"metadata.b": 1, "metadata.a": ["x"], "item.version": "2026-11-21T10:00:00.500Z"}))]
    )
    assert one.metadata == '{"a":["x"],"b":1}'
    assert one.item_version_ns == 1_795_255_200_500_000_000


def test_a_failed_case_says_why() -> None:
    (one,) = of_spans([span(told(), status=2)])
    assert (one.outcome, one.error) == (Outcome.ERROR, "why")
    (one,) = of_spans(
        [span(told() | {"langfuse.observation.level": "ERROR", "langfuse.observation.status_message": "no"})]
    )
    assert (one.outcome, one.error) == (Outcome.ERROR, "no")


def test_odd_values_are_no_cases_and_break_nothing() -> None:
    odd: list[dict[str, object]] = [
        {"langfuse.experiment.id": "run"},
        told(id=None),
        told(id=["x"]),
        told(**{"item.id": "x" * 256}),
        told(id=""),
    ]
    assert of_spans([span(one) for one in odd]) == []
    (one,) = of_spans(
        [span(told(**{"item.root_observation_id": "ZZ", "item.version": "yesterday", "metadata": 5, "name": 7}))]
    )
    assert (one.span_id, one.item_version_ns, one.run_name, one.whole) == (bytes(8), 0, "7", False)


cases = st.builds(
    RunItem,
    run_id=st.just("r"),
    item_id=st.just("i"),
    run_name=st.sampled_from(["", "a", "b"]),
    span_id=st.sampled_from([bytes(8), ROOT]),
    started_ns=st.integers(1, 5),
    ended_ns=st.sampled_from([0, 7, 8]),
    outcome=st.sampled_from(Outcome),
    error=st.sampled_from(["", "no"]),
    whole=st.booleans(),
)


@settings(max_examples=100)
@given(st.lists(cases, min_size=1, max_size=5), st.randoms(use_true_random=False))
def test_joining_knows_no_order(told: list[RunItem], draw: random.Random) -> None:
    shuffled = [*told, *told]
    draw.shuffle(shuffled)
    assert reduce(joined, shuffled) == reduce(joined, told)
