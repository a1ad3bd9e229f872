"""Which card holds when, and what stands in for what."""

import pytest
from made_calls import at

from farthing.model.ledger import Grade
from farthing.model.usage import Usage, UsageSource
from farthing.pricing.rates import STANDARD, PricedModel, Rate, RateCard, Tariff
from farthing.pricing.reckoning import lines, plan

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


def test_a_marginal_step_charges_only_what_lies_beyond_it() -> None:
    rate = Rate(10, 1, steps=((100, 20), (200, 30)), marginal=True)
    model = PricedModel("p", "m", (RateCard({"input": rate, "cache_read": rate, "output": rate}),))
    tariff = model.tariff(STANDARD, 0)
    assert tariff is not None
    usage = Usage({"input": 90, "cache_read": 60, "output": 100}, UsageSource.PROVIDER)
    found = lines(usage.buckets, plan(usage, tariff.charges, True, estimated=False))

    # The context: 60 cached, then 90 plain up to 150, then 100 of output up to 250.
    assert [(line.bucket, line.quantity, line.rate, line.tier) for line in found] == [
        ("input", 40, 10, "standard"),
        ("input", 50, 20, "standard, beyond 100"),
        ("cache_read", 60, 10, "standard"),
        ("output", 50, 20, "standard, beyond 100"),
        ("output", 50, 30, "standard, beyond 200"),
    ]


def test_a_cliff_charges_all_of_a_disjoint_part_by_the_whole_context() -> None:
    rate = Rate(10, 1, steps=((100, 20),))
    tariff = PricedModel("p", "m", (RateCard({"input": rate, "cache_read": rate}),)).tariff(STANDARD, 0)
    assert tariff is not None

    def charged_at(cached: int) -> list[int | None]:
        usage = Usage({"input": 1, "cache_read": cached}, UsageSource.PROVIDER)
        return [line.rate for line in lines(usage.buckets, plan(usage, tariff.charges, True, estimated=False))]

    assert charged_at(99) == [10, 10]
    assert charged_at(100) == [20, 20]


def test_certain_days_of_the_week() -> None:
    weekend = card(1, weekdays=frozenset({5, 6}))
    model = PricedModel("p", "m", (weekend, card(2)))

    assert [charged(model.tariff(STANDARD, at(f"2026-11-{day:02}T12:00:00"))) for day in range(6, 10)] == [2, 1, 1, 2]
    assert model.holds(at("2026-11-07T12:00:00")) == (at("2026-11-07T00:00:00"), at("2026-11-08T00:00:00"))


def test_an_added_price_stands_beside_the_whole_one() -> None:
    fees = RateCard({"web_searches": Rate(7, 1, "search")}, adds=True)
    model = PricedModel("p", "m", (fees, RateCard({"input": Rate(1)})))
    tariff = model.tariff(STANDARD, 0)

    assert (charged(tariff), charged(tariff, "web_searches")) == (1, 7)
    assert PricedModel("p", "m", (fees,)).tariff(STANDARD, 0) is None


def test_a_factor_multiplies_what_has_no_rate_of_the_tier_itself() -> None:
    half = RateCard({}, "batch", factor=(1, 2), note="half price")
    model = PricedModel(
        "p", "m", (half, RateCard({"output": Rate(7)}, "batch"), RateCard({"input": Rate(10), "output": Rate(20)}))
    )
    tariff = model.tariff("batch", 0)

    assert tariff is not None
    assert (charged(tariff), charged(tariff, "output")) == (5, 7)
    assert (tariff.charges["input"].tier, tariff.charges["input"].rule) == ("batch", "half price")
    assert tariff.note == ""
