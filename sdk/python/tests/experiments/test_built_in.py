"""Outputs go to the built-in evaluators; what they say is known beforehand."""

from __future__ import annotations

import difflib
import sys
from functools import lru_cache
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from farthing_sdk.experiments import contains, exact, is_json, json_schema, levenshtein, regex, token_f1
from farthing_sdk.experiments._built_in import edits


@pytest.mark.parametrize(
    ("judge", "output", "expected", "said"),
    [
        (exact(), " Paris\n", "Paris", True),
        (exact(), "paris", "Paris", False),
        (exact(ignore_case=True), "PARIS", "paris", True),
        (exact(strip=False), "Paris ", "Paris", False),
        (exact(), {"a": [1]}, {"a": [1]}, True),
        (contains(), "It is PARIS.", "paris", True),
        (contains(), "Paris and Rome", ["Rome", "Paris"], True),
        (contains(), "Paris", ["Rome", "Paris"], False),
        (contains("sorry"), "I am sorry", None, True),
        (regex(r"\d+ ms"), "it took 15 ms", None, True),
        (regex(r"\d+", whole=True), "it took 15", None, False),
        (is_json(), '{"a": 1}', None, True),
        (is_json(), "```json\n{}\n```", None, False),
        (is_json(), [1], None, True),
        (is_json(), None, None, False),
        (token_f1(), "the cat sat", "The cat sat down", pytest.approx(6 / 7)),
        (token_f1(), "", "", 1.0),
        (token_f1(), "", "something", 0.0),
        (levenshtein(), "kitten", "sitting", pytest.approx(1 - 3 / 7)),
        (levenshtein(), "", "", 1.0),
        (levenshtein(ignore_case=True), "ABC", "abc", 1.0),
    ],
)
def test_judgements(judge: Any, output: Any, expected: Any, said: Any) -> None:
    found = judge(output, expected)
    assert (type(found), found) == (type(said) if isinstance(said, (bool, float)) else float, said)


@given(st.text("abc ", max_size=8), st.text("abc ", max_size=8))
def test_edits_are_those_of_the_table(one: str, two: str) -> None:
    @lru_cache(None)
    def least(a: int, b: int) -> int:
        if not a or not b:
            return a or b
        same = one[a - 1] == two[b - 1]
        return min(least(a - 1, b) + 1, least(a, b - 1) + 1, least(a - 1, b - 1) + (not same))

    assert edits(one, two) == least(len(one), len(two))


def test_long_texts_take_no_time() -> None:
    one, two = "farthing " * 2000, "farthings " * 2000
    assert edits(one, two) == 2000
    assert difflib.SequenceMatcher(None, one[:100], two[:100]).ratio() > 0.5


def test_versions_change_with_what_is_judged_by() -> None:
    assert exact().version == exact().version != exact(ignore_case=True).version
    assert regex("a").version != regex("b").version
    assert len({judge.version for judge in (exact(), contains(), is_json(), token_f1(), levenshtein())}) == 5


def test_a_schema_needs_the_library_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "jsonschema", None)
    with pytest.raises(ImportError, match=r"farthing-sdk\[schema\]"):
        json_schema({"type": "object"})


def test_json_of_a_schema(monkeypatch: pytest.MonkeyPatch) -> None:
    # The library's three functions that are used, for what is tested here is what is done with them.
    class Validator:
        def __init__(self, schema: Any) -> None:
            self.type = {"object": dict}[schema["type"]]

        @staticmethod
        def check_schema(schema: Any) -> None:
            assert "type" in schema

        def is_valid(self, value: Any) -> bool:
            return isinstance(value, self.type)

    library = type(sys)("jsonschema")

    def validator_for(_: Any) -> Any:
        return Validator

    library.__dict__["validators"] = type("validators", (), {"validator_for": staticmethod(validator_for)})
    monkeypatch.setitem(sys.modules, "jsonschema", library)
    judge = json_schema({"type": "object"})
    assert [judge(output) for output in ('{"a": 1}', "[1]", "no", {"b": 2})] == [True, False, False, True]
