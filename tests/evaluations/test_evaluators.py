"""Answers and evaluators in; verdicts with their reasons out, and what can't be one refused."""

import time

import pytest

from farthing.errors import BadRequestError
from farthing.evaluations.evaluators import (
    Contains,
    Evaluator,
    Excludes,
    Json,
    JsonSchema,
    Judge,
    Length,
    Regex,
    check,
    of_text,
)
from farthing.model.score import DataType

ORDER = JsonSchema({"type": "object", "required": ["id"], "properties": {"id": {"type": "integer"}}})


@pytest.mark.parametrize(
    ("evaluator", "text", "passes", "why"),
    [
        (Contains(("sorry", "please")), "Yes, please.", True, "'please' stands in it"),
        (Contains(("PLEASE",)), "Yes, please.", False, "none of the texts stands in it"),
        (Contains(("STRASSE",), ignore_case=True), "Straße", True, "'STRASSE' stands in it"),
        (Excludes(("sorry",)), "Yes.", True, "none of the texts stands in it"),
        (Excludes(("sorry",)), "I'm sorry.", False, "'sorry' stands in it"),
        (Regex(r"^\d{3}$"), "123", True, "something matches"),
        (Regex(r"(?i)sorry", absent=True), "SORRY", False, "something matches"),
        (Regex(r"\d", absent=True), "none", True, "nothing matches"),
        (Json(), '{"a": [1]}', True, "it is JSON"),
        (Json(), 'Here: {"a": 1}', False, "it is no JSON"),
        (Json(), "[" * 100_000, False, "it is no JSON"),
        (ORDER, '{"id": 1}', True, "it is as the schema says"),
        (ORDER, "{}", False, 'it: "id" is a required property'),
        (ORDER, '{"id": "1"}', False, 'id: "1" is not of type "integer"'),
        (ORDER, "no", False, "it is no JSON"),
        (Length(least=2, most=3), "abcd", False, "it has 4 characters"),
        (Length(most=2, unit="words"), "two  words", True, "it has 2 words"),
        (Length(least=1), "", False, "it has 0 characters"),
    ],
    ids=str,
)
def test_yes_or_no_and_why(evaluator: Evaluator, text: str, passes: bool, why: str) -> None:
    check(evaluator)
    said = of_text(evaluator)(text)
    assert (said.kind, said.value, said.label, said.why) == (DataType.BOOLEAN, float(passes), str(passes), why)


def test_no_pattern_runs_away() -> None:
    began = time.process_time()
    assert of_text(Regex("(a|aa)+$"))("a" * 50_000 + "b").value == 0
    assert time.process_time() - began < 5


@pytest.mark.parametrize(
    ("evaluator", "field"),
    [
        (Contains(()), "evaluator.texts"),
        (Excludes(("",)), "evaluator.texts"),
        (Regex("("), "evaluator.pattern"),
        (Regex("(?=a)"), "evaluator.pattern"),
        (Regex("(((a{1,1000}){1,1000}){1,1000})"), "evaluator.pattern"),
        (JsonSchema({"type": "nothing"}), "evaluator.schema"),
        (JsonSchema({"$ref": "https://example.com/order.json"}), "evaluator.schema"),
        (Length(), "evaluator"),
        (Length(least=5, most=4), "evaluator.most"),
        (Length(most=5, unit="pages"), "evaluator.unit"),
        (Judge("Is it polite?", model="gpt-4o"), "evaluator.prompt"),
        (Judge("{output}"), "evaluator"),
        (Judge("{output}", model="gpt-4o", config="judges"), "evaluator"),
        (Judge("{output}", model="gpt-4o", api="grpc"), "evaluator.api"),
        (Judge("{output}", model="gpt-4o", categories=("good",)), "evaluator.categories"),
        (Judge("{output}", model="gpt-4o", categories=("good", "Good ")), "evaluator.categories"),
    ],
    ids=str,
)
def test_what_is_wrong_is_named(evaluator: Evaluator, field: str) -> None:
    with pytest.raises(BadRequestError) as raised:
        check(evaluator)
    assert str(raised.value).startswith(f"{field}: ")
