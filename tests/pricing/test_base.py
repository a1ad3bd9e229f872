"""The installed price data as our own cards: the same prices as its own arithmetic gives, and no entry that can do harm."""

import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from genai_prices import types as gp
from made_calls import at, make_call

from farthing.model.ledger import CostStatus
from farthing.model.money import to_decimal, to_text
from farthing.pricing import base
from farthing.pricing.catalog import Catalog, Source
from farthing.pricing.cost import price


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    """The package's data alone, without our dated prices."""
    return Catalog("test", Source("test", "https://example.org"), base.Shelf(base.installed_providers))


USED = {"input": 1_000, "cache_read": 200, "cache_write": 30, "output": 400, "reasoning": 50}
LONG = {"input": 300_000, "cache_read": 1, "cache_write": 2, "output": 3, "reasoning": 4}


def source_usage(used: dict[str, int]) -> gp.Usage:
    """The same usage in the source's own terms, where totals include their parts."""
    return gp.Usage(
        input_tokens=used["input"] + used["cache_read"] + used["cache_write"],
        cache_read_tokens=used["cache_read"],
        cache_write_tokens=used["cache_write"],
        output_tokens=used["output"] + used["reasoning"],
        output_reasoning_tokens=used["reasoning"],
    )


def listed() -> Iterator[tuple[gp.Provider, gp.ModelInfo]]:
    """Every model of the installed data."""
    for provider in base.installed_providers():
        for model in provider.models:
            yield provider, model


@pytest.mark.parametrize("used", [USED, LONG], ids=["short", "long"])
@pytest.mark.parametrize("when", ["2025-01-15T12:00:00", "2026-10-13T20:00:00", "2026-11-20T02:00:00"])
def test_every_listed_model_costs_what_its_source_says(catalog: Catalog, used: dict[str, int], when: str) -> None:
    usage = source_usage(used)
    # Daily windows without a date are the source's own known flaw for the time before its dated prices.
    flawed = {"deepseek-v4-flash", "deepseek-v4-pro"} if when < "2026-08-17" else set[str]()
    differing: list[tuple[str, str]] = []
    priced = 0
    for provider, model in listed():
        cost = price(make_call(provider.id, model.id, used, when=when), catalog)
        if cost.status != CostStatus.COMPUTED or model.id in flawed:
            continue
        priced += 1
        theirs = model.calc_price(
            usage, provider, genai_request_timestamp=datetime.fromisoformat(when).replace(tzinfo=UTC)
        )
        if cost.amount is None or to_decimal(cost.amount) != theirs.total_price:
            differing.append((provider.id, model.id))

    assert differing == []
    assert priced > 2_000


def test_what_is_not_priced_has_no_price_at_the_source(catalog: Catalog) -> None:
    unpriced = {
        (provider.id, model.id)
        for provider, model in listed()
        if price(make_call(provider.id, model.id, USED), catalog).status != CostStatus.COMPUTED
    }
    keys = {
        (provider.id, model.id): {key for each in base_prices(model) for key in vars(each)}
        for provider, model in listed()
    }

    # Either a whole side of the usage has no rate per token (embeddings have no output), or nothing has.
    assert all(not {"input_mtok", "output_mtok"} <= keys[which] for which in unpriced)
    assert len(unpriced) < 150


def base_prices(model: gp.ModelInfo) -> list[gp.ModelPrice]:
    """The standard prices of a model, whatever their dates."""
    return [each.prices for each in model.prices] if isinstance(model.prices, list) else [model.prices]


def catalog_of(*models: gp.ModelInfo, provider: str = "openai") -> Catalog:
    """A catalogue of one provider with these models."""
    raw = gp.Provider(id=provider, name=provider, api_pattern="", models=list(models))
    return Catalog("test", Source("test", "https://example.org"), base.Shelf(lambda: [raw]))


def model_of(prices: Any, model_id: str = "m", match: Any = None, **more: Any) -> gp.ModelInfo:
    """A model as the source would list it."""
    return gp.ModelInfo(id=model_id, match=match or gp.ClauseEquals(equals=model_id), prices=prices, **more)


def mtok(**prices: Any) -> gp.ModelPrice:
    """Prices by key, in dollars."""
    return gp.ModelPrice(**{key: Decimal(value) if isinstance(value, str) else value for key, value in prices.items()})


@pytest.mark.parametrize(
    ("entry", "why"),
    [
        (model_of(mtok(input_mtok="0.1234567890123456789")), "finer than can be kept exactly"),
        (model_of(mtok(input_mtok="-1")), "could not be read"),
        (model_of(mtok(input_mtok="NaN")), "could not be read"),
        (model_of(mtok(input_mtok=1.5)), "could not be read"),
        (model_of(7), "could not be read"),
        (model_of([gp.ConditionalPrice(prices=mtok(input_mtok="1"), constraint="tomorrow")]), "could not be read"),  # pyright: ignore[reportArgumentType]
        (model_of(mtok()), "without a price that we know"),
        (model_of([]), "without a price that we know"),
    ],
)
def test_a_bad_entry_is_unpriced_and_says_so(entry: gp.ModelInfo, why: str) -> None:
    catalog = catalog_of(entry, model_of(mtok(input_mtok="1", output_mtok="2"), "good"))
    bad = price(make_call("openai", "m", {"input": 1, "output": 1}), catalog)
    good = price(make_call("openai", "good", {"input": 1, "output": 1}), catalog)

    assert (bad.status, bad.amount, bad.matched_model) == (CostStatus.UNPRICED, None, "m")
    assert why in bad.rule
    assert to_text(good.amount or 0) == "0.000003"


@pytest.mark.parametrize("match", [gp.ClauseRegex(regex="("), "m", gp.ClauseOr(or_=[None])])  # pyright: ignore[reportArgumentType]
def test_a_bad_clause_leaves_the_exact_name(match: Any) -> None:
    catalog = catalog_of(model_of(mtok(input_mtok="1", output_mtok="2"), match=match))

    assert price(make_call("openai", "m", {"input": 1, "output": 1}), catalog).status == CostStatus.COMPUTED
    assert price(make_call("openai", "m2", {"input": 1, "output": 1}), catalog).status == CostStatus.UNPRICED


def test_a_provider_that_cannot_be_read_is_unpriced() -> None:
    raw = gp.Provider(id="openai", name="", api_pattern="", models=None)  # pyright: ignore[reportArgumentType]
    catalog = Catalog("test", Source("test", "https://example.org"), base.Shelf(lambda: [raw]))
    cost = price(make_call("openai", "gpt-4o", {"input": 1, "output": 1}), catalog)

    assert cost.status == CostStatus.UNPRICED
    assert cost.rule.endswith("the price list of openai could not be read")


def test_eighteen_decimals_per_million_are_exact() -> None:
    catalog = catalog_of(model_of(mtok(input_mtok="0.123456789012345678", output_mtok="0")))
    cost = price(make_call("openai", "m", {"input": 1, "output": 1}), catalog)

    assert to_text(cost.amount or 0) == "0.000000123456789012345678"


def test_windows_in_another_zone_and_over_midnight() -> None:
    beijing = timezone(timedelta(hours=8))
    window = gp.TimeOfDateConstraint(start_time=time(2, 0, tzinfo=beijing), end_time=time(9, 30, tzinfo=beijing))
    prices = [
        gp.ConditionalPrice(prices=mtok(input_mtok="1", output_mtok="1")),
        gp.ConditionalPrice(window, prices=mtok(input_mtok="5", output_mtok="1")),
    ]
    catalog = catalog_of(model_of(prices))

    def rate(when: str) -> str:
        return to_text(catalog.quote("openai", "", "m", "", at(when)).charges["input"].rate.usd)

    assert [rate(f"2026-01-01T{clock}") for clock in ("17:59:59", "18:00:00", "01:29:59", "01:30:00")] == [
        "1",
        "5",
        "5",
        "1",
    ]


def test_a_later_price_ends_the_one_before() -> None:
    prices = [
        gp.ConditionalPrice(prices=mtok(input_mtok="1")),
        gp.ConditionalPrice(gp.StartDateConstraint(date(2026, 1, 1)), prices=mtok(input_mtok="2")),
        gp.ConditionalPrice(gp.StartDateConstraint(date(2026, 2, 1)), prices=mtok(input_mtok="3")),
    ]
    rows = list(catalog_of(model_of(prices), provider="groq").price_rows("groq"))

    assert [(to_text(row.usd), row.valid_from, row.valid_until) for row in rows] == [
        ("3", at("2026-02-01T00:00:00"), None),
        ("2", at("2026-01-01T00:00:00"), at("2026-02-01T00:00:00")),
        ("1", None, at("2026-01-01T00:00:00")),
    ]


def test_an_image_rate_of_its_own_is_kept() -> None:
    own = catalog_of(model_of(mtok(input_mtok="5", input_image_mtok="8")))
    none = catalog_of(model_of(mtok(input_mtok="5")), provider="groq")

    assert own.quote("openai", "", "m", "", 0).charges["image_input"].rate.usd == 8 * 10**24
    assert "image_input" not in none.quote("groq", "", "m", "", 0).charges


def test_loading_imports_no_price_data() -> None:
    code = "import sys; from farthing.pricing.base import load; load(); sys.exit('genai_prices' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
