"""The budgets found for a call by looking up are those found by looking at each; how many there are costs little."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from farthing.budgets import budget, matching
from farthing.budgets.matching import Index

VALUES = ["", "a", "b", "c"]
told = st.fixed_dictionaries(
    {},
    optional={
        "feature": st.sampled_from(VALUES),
        "user": st.sampled_from(VALUES),
        "user_id": st.sampled_from(VALUES),
        "tag.t": st.sampled_from(VALUES),
        "model": st.sampled_from(VALUES),
        "status": st.sampled_from(["ok", "error", "timeout"]),
    },
)
one_value = st.sampled_from(VALUES) | st.sampled_from(["!a", "!", "!b"])
filters = st.fixed_dictionaries(
    {},
    optional={
        name: st.lists(one_value, min_size=1, max_size=3)
        for name in ("feature", "user", "user_id", "tag.t", "model", "status")
    },
)
facts = st.fixed_dictionaries(
    {},
    optional={
        "feature": st.sampled_from(VALUES),
        "user": st.sampled_from(VALUES),
        "tag.t": st.sampled_from(VALUES),
        "model": st.sampled_from(VALUES),
        "response_model": st.sampled_from(VALUES),
        "status": st.sampled_from(["ok", "error"]),
        "error_type": st.sampled_from(["", "a"]),
    },
)


def counts(given: dict[str, list[str]], call: dict[str, str]) -> bool:
    """The plain way."""
    for name, values in given.items():
        key = "user" if name == "user_id" else name
        said = {call.get(key, "")}
        also = call.get({"model": "response_model", "status": "error_type"}.get(key, ""), "")
        said |= {also} if also else set()
        included = {value for value in values if not value.startswith("!")}
        excluded = {value[1:] for value in values if value.startswith("!")}
        if (included and not said & included) or said & excluded:
            return False
    return True


@given(st.lists(filters, max_size=6), facts)
def test_looking_up_finds_what_looking_at_each_finds(many: list[dict[str, list[str]]], call: dict[str, str]) -> None:
    index = Index([matching.place(budget.scope(dict(one))) for one in many])
    assert index.matching(call) == [number for number, one in enumerate(many) if counts(one, call)]


def test_a_budget_for_very_many_values_is_found_too() -> None:
    users = [str(number) for number in range(matching.MOST_LISTED + 1)]
    index = Index([matching.place(budget.scope({"user": users})), matching.place(budget.scope({"user": "7"}))])
    assert index.matching({"user": "7"}) == [0, 1]
    assert index.matching({"user": "none"}) == []


@pytest.mark.parametrize("odd", [{"min_cost": "1"}, {"min_latency": "1"}, {"q": "x"}])
def test_by_what_isn_t_known_of_a_call_under_way_none_is_found(odd: dict[str, Any]) -> None:
    index = Index([matching.place(budget.scope(odd | {"feature": "a"}))])
    assert index.matching({"feature": "a"}) == []


def test_test_calls_count_only_where_they_are_asked_for() -> None:
    index = Index(
        [
            matching.place(budget.scope(one))
            for one in ({}, {"data_mode": "test"}, {"data_mode": "!demo"}, {"data_mode": "real"})
        ]
    )
    assert index.matching({}) == index.matching({"data_mode": "real"}) == [0, 2, 3]
    assert index.matching({"data_mode": "test"}) == [1, 2]
    assert index.matching({"data_mode": "demo"}) == []


def test_budgets_that_look_at_the_same_have_one_shape() -> None:
    ours = [{"user": "a", "feature": "x"}, {"feature": ["y", "z"], "user_id": "b"}]
    assert len({matching.place(budget.scope(dict(one))).shape for one in ours}) == 1
