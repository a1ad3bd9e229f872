"""Conditions hold where they should, compare what has a type in common, and mistakes are told when they are made."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from farthing.query.errors import ParameterError
from farthing.routing.conditions import compiled
from farthing.routing.plan import Wish

CALL = Wish(
    "shop",
    "production",
    "gpt-4o",
    "openai",
    user="u7",
    metadata={"tier": "gold", "age": "41", "beta": "true", "empty": ""},
)
USER, TIER, AGE = {"var": "user"}, {"var": "metadata.tier"}, {"var": ["metadata.age"]}


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        (None, True),
        ({}, True),
        (True, True),
        (False, False),
        ({"==": [USER, "u7"]}, True),
        ({"==": ["u7", USER]}, True),
        ({"!=": [USER, "u7"]}, False),
        ({"==": [{"var": "session"}, None]}, True),
        ({"==": [{"var": "metadata.nothing"}, None]}, True),
        ({"==": [{"var": "metadata.nothing"}, ""]}, False),
        ({"==": [{"var": "model"}, "gpt-4o"]}, True),
        ({"==": [{"var": "environment"}, "production"]}, True),
        ({"==": [{"var": "family"}, "anthropic"]}, False),
        ({"==": [AGE, 41]}, True),
        ({"==": [AGE, 41.0]}, True),
        ({"==": [AGE, "41.0"]}, False),
        ({"==": [{"var": "metadata.beta"}, True]}, True),
        ({"==": [{"var": "metadata.tier"}, True]}, False),
        ({">": [AGE, 40]}, True),
        ({"<": [AGE, 40]}, False),
        ({">=": [AGE, "41"]}, True),
        ({"<=": [AGE, 41]}, True),
        ({">": [AGE, "5"]}, True),
        ({">": [TIER, 5]}, False),
        ({"<": [TIER, 5]}, False),
        ({">": [TIER, "bronze"]}, True),
        ({">": [{"var": "metadata.nothing"}, 0]}, False),
        ({"in": [TIER, ["gold", "silver"]]}, True),
        ({"in": [USER, ["u1", "u2"]]}, False),
        ({"in": [AGE, [41]]}, True),
        ({"in": ["ol", TIER]}, True),
        ({"in": ["", TIER]}, False),
        ({"in": [{"var": "session"}, [None]]}, True),
        ({"in": ["x", {"var": "session"}]}, False),
        ({"and": [{"==": [USER, "u7"]}, {">": [AGE, 40]}]}, True),
        ({"and": [{"==": [USER, "u7"]}, {">": [AGE, 50]}]}, False),
        ({"or": [{"==": [USER, "u1"]}, {">": [AGE, 40]}]}, True),
        ({"!": {"==": [USER, "u1"]}}, True),
        ({"!": [{"==": [USER, "u7"]}]}, False),
        ({"var": "user"}, True),
        ({"var": "session"}, False),
        ({"var": "metadata.empty"}, False),
    ],
)
def test_a_condition_holds_or_not(condition: Any, holds: bool) -> None:
    assert compiled(condition)(CALL) is holds


@pytest.mark.parametrize(
    ("condition", "said"),
    [
        ({"===": [USER, 1]}, "there is no '==='; there are and, or, !, in, var, ==, !="),
        ({"==": [{"var": "colour"}, 1]}, "there is no variable 'colour'; there are user, session, model"),
        ({"==": [{"var": "metadata."}, 1]}, "there is no variable"),
        ({"==": [{"var": 7}, 1]}, "there is no variable '7'"),
        ({"==": [USER]}, "== takes two values, not 1"),
        ({"==": USER}, "== takes a list"),
        ({"and": []}, "and takes a list"),
        ({"==": [USER, {"+": [1, 2]}]}, "'\\+' is no value"),
        ({"==": [USER, [["a"]]]}, "is no value"),
        ({"==": [USER, float("inf")]}, "must be finite"),
        ({"==": [USER, "x" * 1_001]}, "at most 1000 characters"),
        ({"==": [USER, 1], "!=": [USER, 1]}, "one member"),
        ("user", "one member"),
        ([USER], "one member"),
        ({"in": [USER, ["x"] * 600]}, "at most 500 parts"),
    ],
)
def test_mistakes_are_told_with_the_field(condition: Any, said: str) -> None:
    with pytest.raises(ParameterError, match=f"conditions: .*{said}"):
        compiled(condition)


def test_what_is_nested_too_deep_is_refused() -> None:
    nested: Any = {"==": [USER, "u7"]}
    for _ in range(30):
        nested = {"!": nested}
    with pytest.raises(ParameterError, match="nested at most 20 deep"):
        compiled(nested)


_SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5)
_WORDS = st.sampled_from(["==", "!=", "<", ">", "in", "and", "or", "!", "var", "user", "metadata.age", "x"])


@given(
    st.recursive(
        _SCALARS | _WORDS,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_WORDS, inner, max_size=2),
        max_leaves=12,
    )
)
@settings(max_examples=150, deadline=None)
def test_anything_is_a_condition_or_a_mistake(condition: Any) -> None:
    try:
        test = compiled(condition)
    except ParameterError:
        return
    assert test(CALL) in (True, False)
