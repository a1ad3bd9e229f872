"""Which card holds when, and what stands in for what."""

import pytest
from made_calls import at

from farthing.model.ledger import Grade
from farthing.pricing.rates import STANDARD, PricedModel, Rate, RateCard, Tariff

HOUR = 3600 * 10**9


def card(usd: int, **conditions: object) -> RateCard:
    """A card with an input rate."""
    return RateCard({"input": Rate(usd)}, **conditions)  # pyright: ignore[reportArgumentType]


def charged(tariff: Tariff | None, bucket: str = "input") -> int:
    """The rate a bucket is charged at."""
    assert tariff is not None
    return tariff.charges[bucket].rate.usd


@pytest.mark.parametrize(
    ("time", "holds"),
    [("21:59:59.999999", False), ("22:00:00", True), ("00:00:00", True), ("05:59:59", True), ("06:00:00", False)],
)
def test_a_window_may_run_over_midnight(time: str, holds: bool) -> None:
    assert card(1, daily=(22 * HOUR, 6 * HOUR)).in_force(at(f"2026-03-01T{time}")) is holds


def test_from_is_included_and_until_is_not() -> None:
    march = card(1, valid_from=at("2026-03-01T00:00:00"), valid_until=at("2026-04-01T00:00:00"))

    assert not march.in_force(at("2026-02-28T23:59:59.999999"))
    assert march.in_force(at("2026-03-01T00:00:00"))
    assert march.in_force(at("2026-03-31T23:59:59.999999"))
    assert not march.in_force(at("2026-04-01T00:00:00"))


def test_the_first_standard_card_in_force_holds() -> None:
    model = PricedModel("p", "m", (card(2, valid_from=at("2026-03-01T00:00:00")), card(1)))

    assert charged(model.tariff(STANDARD, at("2026-02-01T00:00:00"))) == 1
    assert charged(model.tariff(STANDARD, at("2026-03-01T00:00:00"))) == 2


def test_no_card_in_force_is_no_tariff() -> None:
    model = PricedModel("p", "m", (card(2, valid_from=at("2026-03-01T00:00:00")),))

    assert model.tariff(STANDARD, at("2026-02-01T00:00:00")) is None
    assert model.tariff("batch", at("2026-02-01T00:00:00")) is None


def test_a_tier_overrides_bucket_by_bucket() -> None:
    model = PricedModel(
        "p",
        "m",
        (
            RateCard({"input": Rate(10), "output": Rate(20), "cache_read": Rate(5)}),
            card(3, tier="batch", valid_from=at("2026-03-01T00:00:00")),
            RateCard({"input": Rate(4), "output": Rate(8)}, "batch"),
        ),
    )
    early, late = (model.tariff("batch", at(day)) for day in ("2026-02-01T00:00:00", "2026-03-01T00:00:00"))

    assert (charged(early), charged(late)) == (4, 3)
    assert (charged(late, "output"), charged(late, "cache_read")) == (8, 5)
    assert late is not None
    assert late.charges["cache_read"].rule == "no batch rate known; standard used"
    assert model.tariff("batch", at("2026-03-01T00:00:00")) is late
    assert charged(model.tariff(STANDARD, at("2026-03-01T00:00:00"))) == 10


def test_nothing_stands_in_for_a_stand_in() -> None:
    only_write = PricedModel("p", "m", (RateCard({"input": Rate(1), "cache_write": Rate(2)}),))
    neither = PricedModel("p", "m", (RateCard({"input": Rate(1)}),))
    tariffs = [model.tariff(STANDARD, 0) for model in (only_write, neither)]

    assert [charged(tariff, "cache_write_1h") for tariff in tariffs] == [2, 1]
    grades = [tariff.charges["cache_write_1h"].grade for tariff in tariffs if tariff is not None]
    assert grades == [Grade.ESTIMATED, Grade.COMPUTED]


def test_output_does_not_stand_in_for_input() -> None:
    tariff = PricedModel("p", "m", (RateCard({"output": Rate(1)}),)).tariff(STANDARD, 0)

    assert tariff is not None
    assert sorted(tariff.charges) == ["citation", "output", "reasoning"]
