"""Other tools' price lists in, the same prices out; and there and back again."""

import json
from decimal import Decimal

import pytest
from made_calls import at

from farthing.pricing.catalog import Catalog, PriceRow
from farthing.pricing.exchange import litellm, models_dev, openlit, table
from farthing.pricing.exchange.imported import ForeignPricesError, Imported, Origin
from farthing.pricing.overrides import OverrideRate

ORIGIN = Origin(url="https://example.org/prices.json", read_on="2026-11-21", known_since=7)
NOW = at("2026-11-01T12:00:00")


def found(imported: Imported) -> dict[tuple[str, str, str], dict[str, OverrideRate]]:
    """Rates by provider, model and tier."""
    return {(o.provider, o.model, o.tier): dict(o.rates) for o in imported.overrides}


def test_litellm(catalog: Catalog) -> None:
    data = {
        "sample_spec": {"input_cost_per_token": 0.1},
        "azure/gpt-x": {
            "litellm_provider": "azure",
            "input_cost_per_token": 2.5e-06,
            "input_cost_per_token_above_272k_tokens": 5e-06,
            "input_cost_per_token_batches": 1.25e-06,
            "cache_creation_input_token_cost_above_1hr": 6e-06,
            "search_context_cost_per_query": {"search_context_size_medium": 0.01, "search_context_size_high": 0.02},
            "max_tokens": 9,
        },
        "claude-x": {"litellm_provider": "vertex_ai-anthropic_models", "output_cost_per_token": "1.5e-05"},
        "sora-x": {"litellm_provider": "openai", "mode": "video_generation", "output_cost_per_second_1080p": 0.5},
        "free": {"litellm_provider": "openai", "input_cost_per_token": 0.0},
        "odd": {"litellm_provider": "openai", "input_dbu_cost_per_token": 1},
    }
    imported = litellm.read(json.dumps(data).encode(), ORIGIN, catalog.providers())

    assert found(imported) == {
        ("azure", "gpt-x", "standard"): {
            "input": OverrideRate("2.5", 0, ((272_000, "5"),)),
            "cache_write_1h": OverrideRate("6"),
            "web_searches": OverrideRate("0.01"),
            "web_searches.high": OverrideRate("0.02"),
        },
        ("azure", "gpt-x", "batch"): {"input": OverrideRate("1.25")},
        ("google", "claude-x", "standard"): {"output": OverrideRate("15")},
        ("openai", "sora-x", "standard"): {"video_seconds.1080p": OverrideRate("0.5")},
    }
    assert {name for name, _ in imported.skipped} == {"free", "odd"}
    assert {o.known_since for o in imported.overrides} == {7}
    assert imported.overrides[0].source == "https://example.org/prices.json, read 2026-11-21"


def test_litellm_there_and_back(catalog: Catalog) -> None:
    rows = [row for row in catalog.price_rows("openai") if row.model in ("gpt-4o", "gpt-5.6-sol")]
    again = found(litellm.read(litellm.write(rows, NOW), ORIGIN, catalog.providers()))

    assert again["openai", "gpt-4o", "standard"]["input"].usd == "2.5"
    assert again["openai", "gpt-4o", "batch"]["output"].usd == "5"
    assert again["openai", "gpt-5.6-sol", "standard"]["output"] == OverrideRate("20", 0, ((272_000, "30"),))


def test_openlit_there_and_back(catalog: Catalog) -> None:
    data = {
        "chat": {"gpt-x": {"promptPrice": 0.0025, "completionPrice": 0.01, "cacheReadPrice": 0.00125}, "nobody": {}},
        "embeddings": {"embed-x": 0.00002},
        "images": {"dall-e-x": {"hd": {"1024x1792": 0.12}}},
        "audio": {"tts-x": 0.015},
    }
    imported = openlit.read(json.dumps(data).encode(), ORIGIN, lambda name: "" if name == "nobody" else "openai")

    assert found(imported) == {
        ("openai", "gpt-x", "standard"): {
            "input": OverrideRate("2.5"),
            "output": OverrideRate("10"),
            "cache_read": OverrideRate("1.25"),
        },
        ("openai", "embed-x", "standard"): {"input": OverrideRate("0.02")},
        ("openai", "dall-e-x", "standard"): {"images.hd.1024x1792": OverrideRate("0.12")},
    }
    assert [name for name, _ in imported.skipped] == ["nobody", "tts-x"]

    written = json.loads(openlit.write(catalog.price_rows("openai"), NOW), parse_float=Decimal)
    assert written["chat"]["gpt-4o"]["promptPrice"] == Decimal("0.0025")
    assert written["embeddings"]["text-embedding-3-small"] == Decimal("0.00002")


def test_models_dev(catalog: Catalog) -> None:
    cost = {
        "input": 1.25,
        "output": 10,
        "cache_read": 0.125,
        "tiers": [{"input": 2.5, "output": 15, "tier": {"type": "context", "size": 272000}}],
        "context_over_200k": {"input": 2, "cache_read": 0.25},
    }
    data = {
        "openai": {"models": {"gpt-x": {"cost": cost}, "none": {}}},
        "acme": {"models": {"m": {"cost": {"input": 1}}}},
    }
    imported = models_dev.read(json.dumps(data).encode(), ORIGIN, catalog.providers())

    assert found(imported) == {
        ("openai", "gpt-x", "standard"): {
            "input": OverrideRate("1.25", 0, ((200_000, "2"), (272_000, "2.5"))),
            "output": OverrideRate("10", 0, ((272_000, "15"),)),
            "cache_read": OverrideRate("0.125", 0, ((200_000, "0.25"),)),
        },
        ("acme", "m", "standard"): {"input": OverrideRate("1")},
    }
    assert imported.skipped == (("openai/none", "it has no price we know how to count"),)


def test_a_table_there_and_back(catalog: Catalog) -> None:
    rows = [row for row in catalog.price_rows("openai") if row.model in ("gpt-4o", "gpt-5.6-sol", "o3")]
    imported = table.read(table.write(rows), ORIGIN)

    def key(row: PriceRow) -> tuple[str, str, int | None, int | None]:
        return row.model, row.tier, row.valid_from, row.valid_until

    assert imported.skipped == ()
    assert {(o.model, o.tier, o.valid_from, o.valid_until) for o in imported.overrides} == {
        key(row) for row in rows if not row.factor
    }


def test_rows_of_a_table_that_cannot_be_are_left_out_with_the_reason() -> None:
    text = "provider,model,bucket,usd,input_above\np,a,input,1,\np,b,input,x,\np,c,input,2,100\np,d,smiles,1,\n"
    imported = table.read(text.encode(), ORIGIN)

    assert [o.model for o in imported.overrides] == ["a"]
    assert [name for name, _ in imported.skipped] == ["p/b", "p/c", "p/d"]


@pytest.mark.parametrize("data", [b"", b"[]", b"{", b"\xff", b"provider,model\na,b\n"])
def test_what_is_no_list_is_refused(data: bytes) -> None:
    with pytest.raises(ForeignPricesError):
        litellm.read(data, ORIGIN)
    with pytest.raises(ForeignPricesError):
        table.read(data, ORIGIN)
