"""Guards as operators write them and what calls say in; what passes, and which guards can't be, out."""

import time
from typing import Any

import pytest

from farthing.routing.guards import GuardError, Said, check
from farthing.routing.plan import Guard


def why(kind: str, parameters: dict[str, Any], *texts: str, on: str = "request", **more: Any) -> str:
    return check(Guard("g", kind, on, "block", parameters))(Said(texts, **more))


def test_patterns_that_must_not_and_must_be_there() -> None:
    assert why("regex", {"pattern": r"(?i)\bsecret\b"}, "fine", "top SECRET!")
    assert not why("regex", {"pattern": r"\bsecret\b"}, "secretary")
    assert why("regex", {"patterns": ["a", "b"], "required": True}, "ccc")
    assert not why("regex", {"patterns": ["a", "b"], "required": True}, "c", "cbc")


def test_no_pattern_holds_a_call_up() -> None:
    began = time.process_time()
    assert not why("regex", {"pattern": "(a+)+$|(x|x)*y"}, "a" * 500_000 + "!")
    assert time.process_time() - began < 5


def test_answers_that_must_be_as_a_schema_says() -> None:
    schema = {"schema": {"type": "object", "required": ["a"], "properties": {"a": {"type": "integer"}}}}
    told = {"schema": {"$ref": "#/$defs/n", "$defs": {"n": {"type": "number"}}}}
    assert [why("json_schema", schema, text, on="response") for text in ('{"a":1}', '{"a":"1"}', "{", "{}")] == [
        "",
        "it is not as the schema says",
        "it is no JSON",
        "it is not as the schema says",
    ]
    assert why("json_schema", schema, on="response") == "it is empty"
    assert not why("json_schema", told, "1.5", on="response")


def test_models_and_the_length_of_answers() -> None:
    assert not why("models", {"allow": ["gpt-4o*"]}, models=["gpt-4o", "gpt-4o-mini"])
    assert "'o3'" in why("models", {"allow": ["gpt-4o*"]}, models=["gpt-4o", "o3"])
    assert why("models", {"deny": ["*-preview"]}, models=["o1-preview"])
    assert [why("max_tokens", {"max": 100}, cap=cap) != "" for cap in (100, 101, None)] == [False, True, True]


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("write to ann.b+c@example.co.uk, please", ["email"]),
        ("call +49 30 901820 or (212) 555-0187", ["phone"]),
        ("DE89 3704 0044 0532 0130 00", ["iban"]),
        ("DE88 3704 0044 0532 0130 00", []),
        ("4111-1111-1111-1111", ["card"]),
        ("4111-1111-1111-1112, order 1234567890123456", []),
        ("123-45-6789", ["ssn"]),
        ("000-45-6789 and 123-45-67890", []),
        ("from 10.0.0.255.", ["ipv4"]),
        ("version 1.2.3.4.5 of 2026-11-21 12:30", []),
    ],
)
def test_personal_data(text: str, kinds: list[str]) -> None:
    told = why("pii", {}, text)
    assert told == (f"it holds personal data: {', '.join(kinds)}" if kinds else "")
    assert (why("pii", {"kinds": ["iban"]}, text) != "") == ("iban" in kinds)


@pytest.mark.parametrize(
    ("kind", "parameters", "on"),
    [
        ("regex", {}, "request"),
        ("regex", {"pattern": "("}, "request"),
        ("regex", {"pattern": "(?=a)b"}, "request"),
        ("regex", {"pattern": "(((a{1000}){1000}){1000})"}, "request"),
        ("regex", {"patern": "a"}, "request"),
        ("pii", {"kinds": ["shoe size"]}, "request"),
        ("json_schema", {}, "response"),
        ("json_schema", {"schema": {"type": "numbr"}}, "response"),
        ("json_schema", {"schema": {"$ref": "http://127.0.0.1:1/x"}}, "response"),
        ("json_schema", {"schema": {"$ref": "file:///etc/hostname"}}, "response"),
        ("models", {}, "request"),
        ("models", {"allow": ["a"]}, "response"),
        ("max_tokens", {"max": 0}, "request"),
    ],
)
def test_what_is_no_guard(kind: str, parameters: dict[str, Any], on: str) -> None:
    with pytest.raises(GuardError):
        check(Guard("g", kind, on, "block", parameters))
