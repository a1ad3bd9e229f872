"""Values of attributes as libraries write them, and what they say."""

from typing import Any

import pytest

from farthing.normalize import attribute_values


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("team", "search", "search"),
        ("team", True, "true"),
        ("team", 3, "3"),
        ("team", ["a", 1], "a,1"),
        ("team", [["a"]], ""),
        ("team", None, ""),
        ("session.id", "[Scrubbed due to 'session']", ""),
        ("final_result", "[content not kept]", ""),
        ("team", "[a] and [b]", "[a] and [b]"),
        ("team", '"quoted"', '"quoted"'),
        ("langfuse.trace.metadata.tenant", '"acme"', "acme"),
        ("langfuse.trace.metadata.tenant", "acme", "acme"),
        ("langfuse.trace.metadata.level", "3", "3"),
        ("langfuse.trace.metadata.odd", '"', '"'),
        ("ai.telemetry.metadata.langfusePrompt", '{"name":"greet","version":2}', "2"),
        ("ai.telemetry.metadata.langfusePrompt", "greet", ""),
    ],
)
def test_a_value_says_something_or_nothing(name: str, value: Any, said: str) -> None:
    assert attribute_values.text(name, value) == said


@pytest.mark.parametrize(
    ("value", "items"),
    [
        (["beta", "checkout"], ["beta", "checkout"]),
        ('["beta","checkout"]', ["beta", "checkout"]),
        ("beta, checkout", ["beta", "checkout"]),
        (["beta", 7, " "], ["beta"]),
        ("[not json", ["[not json"]),
        ("[Scrubbed due to 'auth']", []),
        ("", []),
        (None, []),
    ],
)
def test_lists_come_in_several_spellings(value: Any, items: list[str]) -> None:
    assert attribute_values.listed(value) == items
