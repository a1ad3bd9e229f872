"""Queries of metrics in; whether only names that are known get into the SQL, out."""

from typing import Any

import pytest

from farthing.errors import BadRequestError
from farthing.query.parameters import Parameters
from farthing.query.pivots import VIEWS, Asked, Condition, compile_pivot

INJECTED = "x` FROM (SELECT * FROM spans) --"


def asked(view: str, **told: Any) -> Asked:
    counted: dict[str, Any] = {"metrics": (("count", "count"),)}
    return Asked("p", view, 0, 10, **(counted | told))


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize(
    "told",
    [
        {"metrics": (("count", INJECTED),)},
        {"metrics": ((INJECTED, "count"),)},
        {"by": (INJECTED,)},
        {"conditions": (Condition(INJECTED, "=", ("a",)),)},
        {"conditions": (Condition("environment", INJECTED, ("a",)),)},
        {"order": ((INJECTED, True),)},
        {"granularity": INJECTED},
        {"conditions": (Condition("tags", "contains", ("a",)),)},
        {"conditions": (Condition("environment", ">", ("a",)),)},
    ],
    ids=lambda told: next(iter(told)),
)
def test_what_a_query_names_is_known_or_refused(view: str, told: dict[str, object]) -> None:
    with pytest.raises(BadRequestError):
        compile_pivot(asked(view, **told), Parameters())


@pytest.mark.parametrize("view", VIEWS)
def test_values_are_bound(view: str) -> None:
    p = Parameters()
    text, names = compile_pivot(asked(view, conditions=(Condition("environment", "=", (INJECTED,)),)), p)
    assert names == ("count_count",)
    assert INJECTED not in text
    assert INJECTED in p.values.values()


@pytest.mark.parametrize(
    "told",
    [
        {"metrics": (("traces", "sum"),)},
        {"conditions": (Condition("totalCost", "contains", ("a",)),)},
        {"conditions": (Condition("totalCost", "any of", ("1",)),)},
        {"conditions": (Condition("totalCost", ">", ("much",)),)},
        {"conditions": (Condition("traces", ">", ("1",)),)},
    ],
)
def test_what_a_column_cannot_answer_is_refused(told: dict[str, object]) -> None:
    with pytest.raises(BadRequestError):
        compile_pivot(asked("observations", **told), Parameters())
