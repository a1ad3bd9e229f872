"""The table of prices: one row per model, found by words, with the rates of an instant."""

from datetime import UTC, datetime

import pytest

from farthing.pricing import base
from farthing.pricing.catalog import Catalog
from farthing.query.price_models import listed

AT_NS = int(datetime(2026, 11, 1, tzinfo=UTC).timestamp()) * 10**9


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return base.load()


def test_a_model_is_one_row_with_its_plain_rates(catalog: Catalog) -> None:
    found = [row for row in listed(catalog, AT_NS, "openai", "gpt-4o-mini") if row["model"] == "gpt-4o-mini"]
    assert len(found) == 1
    assert found[0]["rates"] | {"cache_write": None} == {
        "input": "0.15",
        "output": "0.6",
        "cache_read": "0.075",
        "cache_write": None,
        "reasoning": None,
    }
    assert not found[0]["ended"]


def test_all_words_are_looked_for_in_provider_and_name(catalog: Catalog) -> None:
    names = {(row["provider"], row["model"]) for row in listed(catalog, AT_NS, text="OpenAI mini 4o")}
    assert ("openai", "gpt-4o-mini") in names
    assert all("mini" in model and "4o" in model for _, model in names)
    assert list(listed(catalog, AT_NS, "nobody")) == []


def test_no_model_stands_twice(catalog: Catalog) -> None:
    names = [(row["provider"], row["model"]) for row in listed(catalog, AT_NS)]
    assert len(names) == len(set(names)) > 1_000
