"""Our own price files are whole and agree with themselves; what is not is refused."""

import pytest
from made_calls import at

from farthing.model.money import to_text
from farthing.pricing import base, dated
from farthing.pricing.catalog import Catalog
from farthing.pricing.rates import STANDARD

HEAD = "provider: p\nsource: https://example.org/prices\nread: 2026-11-21\nmodels:\n"


def model(*prices: str) -> bytes:
    """A file about one model."""
    return (HEAD + "  - model: m\n    prices:\n" + "".join(f"      - {price}\n" for price in prices)).encode()


@pytest.mark.parametrize("provider", sorted(dated.Shelf().providers()))
def test_every_packaged_file_is_complete_and_has_no_two_prices_for_one_time(provider: str) -> None:
    models = dated.Shelf().models(provider)

    assert models
    for name, told in models.items():
        assert told.cards, name
        assert all(card.source.startswith("https://") and ", read 20" in card.source for card in told.cards), name
        assert all(card.known_since is not None for card in told.cards), name


def test_every_packaged_file_is_of_a_provider_we_know() -> None:
    known = {provider.id for provider in base.installed_providers()}

    assert dated.Shelf().providers() <= known


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (model("{usd: {input: 0.15}}"), "Expected"),
        (model('{usd: {inputs: "1"}}'), "is no bucket"),
        (model('{usd: {input: "1"}, colour: red}'), "unknown field"),
        (model("{note: free}"), "either amounts or a factor"),
        (model('{usd: {input: "1"}, factor: 1/2}'), "either amounts or a factor"),
        (model('{usd: {input: "1"}, from: "2026-02-01", until: "2026-02-01"}'), "ends before it begins"),
        (
            model('{usd: {input: "1"}, until: "2026-02-01"}', '{usd: {input: "2"}, from: "2026-01-31"}'),
            "claim the same time",
        ),
        (model('{usd: {input: "1"}}', '{usd: {output: "2"}}'), "claim the same time"),
        (model('{usd: {input: "1"}, tier: batch}', '{usd: {input: "2"}, tier: batch}'), "claim the same time"),
        (
            model('{usd: {input: "1"}}').replace(b"https://example.org/prices", b"a friend"),
            "the address it was read at",
        ),
        (model('{usd: {input: "1"}}').replace(b"read: 2026-11-21\n", b""), "the day"),
        (model('{usd: {input: "1"}}').replace(b"provider: p", b"provider: q"), "is about q"),
        (HEAD.encode() + b'  - prices:\n      - {usd: {input: "1"}}\n', "names no model"),
    ],
)
def test_a_file_that_is_not_is_refused(text: bytes, why: str) -> None:
    with pytest.raises(dated.PriceFileError, match=why):
        dated.compiled(text, "p")


def test_prices_may_follow_each_other_and_stand_beside_each_other() -> None:
    told = dated.compiled(
        model(
            '{usd: {input: "1"}, until: "2026-02-01T16:00"}',
            '{usd: {input: "2"}, from: "2026-02-01T16:00"}',
            '{usd: {output: "2"}, tier: batch}',
            '{usd: {input: "2"}, tier: batch}',
            '{adds: true, usd: {web_searches: {usd: "10", per: 1000}}}',
            '{hours: 16:30-00:30, usd: {input: "0.5"}}',
        ),
        "p",
    )

    assert len(told["m"].cards) == 6
    assert told["m"].cards[0].daily is not None


@pytest.mark.parametrize(
    ("when", "usd"),
    [
        ("2025-09-05T15:59:59", "0.27"),  # the day's price, until the hour the list changed
        ("2025-09-05T16:00:00", "0.56"),
        ("2025-05-01T16:30:00", "0.135"),
    ],
)
def test_history_the_base_lacks(catalog: Catalog, when: str, usd: str) -> None:
    charge = catalog.quote("deepseek", "", "deepseek-chat", "", at(when)).charges["input"]

    assert to_text(charge.rate.usd) == usd
    assert charge.source == "https://api-docs.deepseek.com/quick_start/pricing, read 2026-11-21"


def test_a_place_multiplies_what_is_charged_there(catalog: Catalog) -> None:
    def charged(region: str, tier: str = "") -> tuple[str, str]:
        charge = catalog.quote("anthropic", "", "claude-opus-4-6", tier, at("2026-11-01T00:00:00"), region).charges[
            "input"
        ]
        return to_text(charge.rate.usd), charge.tier

    assert charged("") == charged("global") == ("5", STANDARD)
    assert charged("US") == ("5.5", STANDARD)
    assert charged("us", "batch") == ("2.75", "batch")
