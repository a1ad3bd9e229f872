"""Patterns of plain alternatives become names, prices become exact rates; what prices here can't say is refused with a sentence."""

from typing import Any

import pytest

from farthing.catalogue.definition import names_of, read
from farthing.errors import BadRequestError, UnbuiltError
from farthing.pricing.overrides import OverrideRate


@pytest.mark.parametrize(
    ("pattern", "names"),
    [
        ("(?i)^my-model$", ("my-model",)),
        ("(?i)^(openai/)?(My-Model|m\\.2)$", ("openai/my-model", "openai/m.2", "my-model", "m.2")),
        ("^a|b$", ("a", "b")),
        ("^gpt-4(?:-(?:a|b))?$", ("gpt-4-a", "gpt-4-b", "gpt-4")),
    ],
)
def test_names(pattern: str, names: tuple[str, ...]) -> None:
    assert names_of(pattern) == names


@pytest.mark.parametrize(
    "pattern",
    [
        "my-model",
        "^my.*$",
        "^my-model",
        "^[ab]$",
        "^a+$",
        "^(a$",
        "^a)$",
        "^$",
        r"^\d$",
        r"^a\$",
        "^a{2}$",
        "^(a|b)(c|d)?" * 9,
    ],
)
def test_other_patterns_are_refused(pattern: str) -> None:
    with pytest.raises(UnbuiltError, match="matchPattern"):
        names_of(pattern)


def test_too_many_names_are_refused_at_once() -> None:
    with pytest.raises(UnbuiltError, match="more than 64 names"):
        names_of(f"^{'(a|b)' * 40}$")


def told(**more: Any) -> dict[str, Any]:
    return {"modelName": "m", "matchPattern": "^m$", **more}


def test_prices_are_exact_and_by_our_buckets() -> None:
    plain = read(told(inputPrice=0.0000025, outputPrice=1e-05, unit="TOKENS"), 7)
    assert plain.rates == {"input": OverrideRate("0.0000025", 1), "output": OverrideRate("0.00001", 1)}
    assert plain.start_ns == 7
    total = read(told(totalPrice=0.000001), None)
    assert total.rates == {"input": OverrideRate("0.000001", 1), "output": OverrideRate("0.000001", 1)}
    prices = {"input": 0.1, "input_cached_tokens": 0.01, "output_reasoning_tokens": 0.2}
    tier: dict[str, Any] = {"name": "Standard", "isDefault": True, "priority": 0, "conditions": [], "prices": prices}
    assert {bucket: rate.usd for bucket, rate in read(told(pricingTiers=[tier]), None).rates.items()} == {
        "input": "0.1",
        "cache_read": "0.01",
        "reasoning": "0.2",
    }
    assert read(told(unit="REQUESTS", totalPrice=1), None).rates == {"request": OverrideRate("1", 1)}


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({}, "needs a price"),
        ({"inputPrice": "1"}, "a number of dollars"),
        ({"inputPrice": -1}, "0 or more"),
        ({"inputPrice": float("inf")}, "0 or more"),
        ({"inputPrice": 1, "totalPrice": 1}, "no other price"),
        ({"inputPrice": 1, "unit": "WORDS"}, "unit is one of"),
        ({"inputPrice": 1, "modelName": ""}, "modelName: text"),
        ({"inputPrice": 1, "pricingTiers": [{"isDefault": True}]}, "not beside them"),
        ({"pricingTiers": [{"prices": {"input": 1}}]}, "exactly one has isDefault"),
    ],
)
def test_what_is_wrong(more: dict[str, Any], says: str) -> None:
    with pytest.raises(BadRequestError, match=says):
        read(told(**more), None)


UNBUILT: list[tuple[dict[str, Any], str]] = [
    ({"inputPrice": 1, "unit": "MILLISECONDS"}, "'input' by MILLISECONDS"),
    ({"pricingTiers": [{"isDefault": True, "prices": {"dreams": 1}}]}, "'dreams' by TOKENS"),
    (
        {"pricingTiers": [{"isDefault": True, "prices": {"input": 1}}, {"isDefault": False, "prices": {}}]},
        "on a condition",
    ),
]


@pytest.mark.parametrize(("more", "says"), UNBUILT)
def test_what_is_not_built(more: dict[str, Any], says: str) -> None:
    with pytest.raises(UnbuiltError, match=says):
        read(told(**more), None)
