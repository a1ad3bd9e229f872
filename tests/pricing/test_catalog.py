"""The snapshot: its version, its rows, and what bounds its memory."""

import sys
import tracemalloc

import pytest
from made_calls import at

from farthing.model.money import to_text
from farthing.pricing.catalog import MEMO, Catalog, PriceRow

NOW = at("2026-11-01T12:00:00")


def test_names_its_source(catalog: Catalog) -> None:
    assert catalog.version.startswith("genai-prices-0.")
    assert len(catalog.version.partition("+")[2]) == 8
    assert catalog.source_text.startswith("genai-prices 0.")
    assert "(https://github.com/pydantic/genai-prices)" in catalog.source_text


def test_rows_show_every_condition(catalog: Catalog) -> None:
    rows = [row for row in catalog.price_rows("openai") if row.model == "gpt-5.6-sol" and row.bucket == "input"]

    assert [(row.tier, row.input_above, to_text(row.usd)) for row in rows[:4]] == [
        ("standard", 0, "4"),
        ("standard", 272_000, "8"),
        ("standard", 0, "5"),
        ("standard", 272_000, "10"),
    ]
    assert (rows[0].valid_from, rows[0].valid_until) == (at("2026-08-21T00:00:00"), None)
    assert (rows[2].valid_from, rows[2].valid_until) == (None, at("2026-08-21T00:00:00"))
    assert {row.tier for row in rows} == {"standard", "flex", "priority", "fast", "batch"}


def test_rows_of_all_providers(catalog: Catalog) -> None:
    rows = list(catalog.price_rows())

    assert len({row.provider for row in rows}) > 40
    assert len({(row.provider, row.model) for row in rows}) > 2_000
    assert all(isinstance(row, PriceRow) and (row.usd % row.per == 0 or row.per == 3600) for row in rows)


@pytest.mark.parametrize("served", ["FLEX", " flex "])
def test_a_tier_is_known_however_it_is_written(catalog: Catalog, served: str) -> None:
    assert catalog.quote("openai", "", "gpt-5", served, NOW).charges["input"].tier == "flex"


def test_text_that_is_no_tier_is_not_repeated(catalog: Catalog) -> None:
    quote = catalog.quote("openai", "", "gpt-5", "<script>" * 50, NOW)

    assert quote.rule == "request model: the exact name at openai; no unrecognised rate known; standard used"


def test_hostile_names_do_not_grow_memory(catalog: Catalog) -> None:
    def ask(count: int, name: str) -> None:
        for i in range(count):
            catalog.quote("openai", "", f"{name}-{i}", f"tier-{i}", NOW)

    ask(MEMO + 100, "warm" * 100)
    tracemalloc.start()
    before, _ = tracemalloc.get_traced_memory()
    ask(2 * MEMO, "fake" * 100)
    after, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert after - before < MEMO * 2048


def test_a_name_of_a_megabyte_is_not_remembered(catalog: Catalog) -> None:
    name = "m" * 2**20
    references = sys.getrefcount(name)
    quote = catalog.quote("openai", name, "gpt-4o", "", NOW)

    assert not quote.charges
    assert sys.getrefcount(name) == references
