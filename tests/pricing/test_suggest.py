"""What is near an unpriced name, for a person to choose."""

import pytest

from farthing.pricing.catalog import Catalog
from farthing.pricing.suggest import suggest


@pytest.mark.parametrize(
    ("provider", "name", "first", "why"),
    [
        ("openai", "gpt4o-mini", "gpt-4o-mini", "the same letters and digits"),
        ("openai", "gpt-5.6-sool", "gpt-5.6-sol", "the names differ by little"),
        ("", "claude-sonet-4-5", "claude-sonnet-4-5", "the names differ by little"),
        ("anthropic", "claude-sonnet-4.5-20990101", "claude-sonnet-4-5", "the same but for a date or version"),
    ],
)
def test_the_nearest_first(catalog: Catalog, provider: str, name: str, first: str, why: str) -> None:
    found = suggest(provider, name, catalog)

    assert (found[0].model, found[0].why) == (first, why)
    assert len(found) <= 5


@pytest.mark.parametrize("name", ["", "   ", "xyz", "x" * 5000])
def test_nothing_near_is_nothing(catalog: Catalog, name: str) -> None:
    assert suggest("openai", name, catalog) == []
