"""What calls cost, calculated by hand, and what is said where no cost can be known."""

import pytest
from made_calls import make_call

from farthing.model.call import Operation
from farthing.model.ledger import UNKNOWN, Cost, CostStatus, Grade, Line
from farthing.model.money import to_text
from farthing.model.usage import Bucket, UsageSource
from farthing.pricing.catalog import Catalog
from farthing.pricing.cost import MOST, price


def usd(amount: int | None) -> str | None:
    """An amount as the dollars a person reads."""
    return None if amount is None else to_text(amount)


def line(cost: Cost, bucket: str) -> Line:
    """The line of a bucket."""
    return next(line for line in cost.lines if line.bucket == bucket)


def test_a_plain_chat(catalog: Catalog) -> None:
    cost = price(make_call("openai", "gpt-4o-mini", {"input": 21, "output": 17}), catalog)

    assert cost.status == CostStatus.COMPUTED
    assert (usd(cost.amount), usd(cost.input_amount), usd(cost.output_amount)) == (
        "0.00001335",
        "0.00000315",
        "0.0000102",
    )
    assert cost.matched_model == "gpt-4o-mini"
    assert cost.price_version == catalog.version
    assert "genai-prices" in cost.source
    assert line(cost, "input") == Line(
        "input", 21, "token", 15 * 10**22, 1_000_000, 315 * 10**16, Grade.COMPUTED, "standard"
    )


@pytest.mark.parametrize(
    ("provider", "model", "response_model", "buckets", "expected"),
    [
        ("openai", "gpt-4o", "gpt-4o-2024-08-06", {"input": 86, "cache_read": 1920, "output": 300}, "0.005615"),
        (
            "anthropic",
            "claude-sonnet-4-5",
            "claude-sonnet-4-5-20250929",
            {"input": 12, "cache_write": 2048, "cache_read": 1024, "output": 42},
            "0.0086532",
        ),
        ("openai", "o4-mini", "o4-mini-2025-04-16", {"input": 75, "output": 162, "reasoning": 1024}, "0.0053009"),
        (
            "openai",
            "gpt-audio",
            "",
            {"input": 18, "audio_input": 100, "output": 17, "audio_output": 60},
            "0.007255",
        ),
        ("anthropic", "claude-sonnet-4-5", "", {"input": 0, "cache_write_1h": 1000, "output": 0}, "0.006"),
        ("openrouter", "perplexity/sonar-deep-research", "", {"input": 0, "output": 10, "reasoning": 100}, "0.00038"),
        ("aws.bedrock", "amazon.nova-lite-v1:0", "", {"input": 1000, "output": 1000}, "0.0003"),
    ],
)
def test_parts_have_their_own_rates(
    catalog: Catalog, provider: str, model: str, response_model: str, buckets: dict[str, int], expected: str
) -> None:
    cost = price(make_call(provider, model, buckets, response_model=response_model), catalog)

    assert usd(cost.amount) == expected
    assert cost.status == CostStatus.COMPUTED


def test_embeddings_have_no_output_to_miss(catalog: Catalog) -> None:
    small = make_call("openai", "text-embedding-3-small", {"input": 16}, operation=Operation.EMBEDDINGS)
    with_output_rate = make_call("mistral", "mistral-embed", {"input": 16}, operation=Operation.EMBEDDINGS)

    assert usd(price(small, catalog).amount) == "0.00000032"
    assert usd(price(with_output_rate, catalog).amount) == "0.0000016"


def test_a_fee_per_request_is_a_line_of_its_own(catalog: Catalog) -> None:
    cost = price(make_call("perplexity", "sonar", {"input": 10, "output": 20}), catalog)

    assert usd(line(cost, "request").amount) == "0.012"
    assert usd(cost.amount) == "0.01203"


def test_a_free_model_costs_nothing_and_says_so(catalog: Catalog) -> None:
    cost = price(make_call("openrouter", "deepseek/deepseek-r1:free", {"input": 10, "output": 20}), catalog)

    assert (cost.status, usd(cost.amount)) == (CostStatus.COMPUTED, "0")
    assert {each.rule for each in cost.lines} == {"listed as free of charge"}


class TestTime:
    @pytest.mark.parametrize(
        ("when", "expected"),
        [("2025-06-09T23:59:59.999999", "0.014"), ("2025-06-10T00:00:00", "0.0028"), ("2026-11-01T00:00:00", "0.0028")],
    )
    def test_the_price_of_the_day(self, catalog: Catalog, when: str, expected: str) -> None:
        assert (
            usd(price(make_call("openai", "o3", {"input": 1000, "output": 100}, when=when), catalog).amount) == expected
        )

    @pytest.mark.parametrize(
        ("when", "expected"),
        [
            ("2025-05-01T00:29:59.999999", "0.000685"),
            ("2025-05-01T00:30:00", "0.00137"),
            ("2025-05-01T16:29:59.999999", "0.00137"),
            ("2025-05-01T16:30:00", "0.000685"),
        ],
    )
    def test_the_price_of_the_hour(self, catalog: Catalog, when: str, expected: str) -> None:
        call = make_call("deepseek", "deepseek-chat", {"input": 1000, "output": 1000}, when=when)

        assert usd(price(call, catalog).amount) == expected

    @pytest.mark.parametrize(
        ("when", "expected"),
        [
            ("2026-08-16T02:00:00", "0.435"),  # the peak hours began with the dated price, not before
            ("2026-08-17T02:00:00", "1.32"),
            ("2026-08-17T05:00:00", "0.66"),
        ],
    )
    def test_peak_hours_begin_with_the_price_they_belong_to(self, catalog: Catalog, when: str, expected: str) -> None:
        call = make_call("deepseek", "deepseek-v4-pro", {"input": 1_000_000, "output": 0}, when=when)

        assert usd(price(call, catalog).amount) == expected


class TestContext:
    @pytest.mark.parametrize(
        ("buckets", "expected", "tier"),
        [
            ({"input": 1, "cache_read": 199_999, "output": 10}, "0.0601527", "standard"),
            ({"input": 1, "cache_read": 200_000, "output": 10}, "0.120231", "standard, input > 200000"),
        ],
    )
    def test_the_whole_input_decides_and_all_of_the_call_pays(
        self, catalog: Catalog, buckets: dict[str, int], expected: str, tier: str
    ) -> None:
        cost = price(make_call("anthropic", "claude-sonnet-4-5", buckets), catalog)

        assert usd(cost.amount) == expected
        assert {each.tier for each in cost.lines} == {tier}


LONG = {"input": 100_000, "output": 1_000}


class TestTiers:
    @pytest.mark.parametrize("tier", ["", "default", "standard", "auto", "Default", "on_demand"])
    def test_standard_by_many_names(self, catalog: Catalog, tier: str) -> None:
        cost = price(make_call("openai", "gpt-5.6-sol", LONG, tier=tier), catalog)

        assert usd(cost.amount) == "0.42"
        assert "used" not in cost.rule

    @pytest.mark.parametrize(
        ("tier", "when", "expected"),
        [
            ("", "2026-08-01T00:00:00", "0.53"),
            ("", "2026-09-01T00:00:00", "0.42"),
            ("flex", "2026-09-01T00:00:00", "0.21"),
            ("flex", "2026-08-21T00:00:00", "0.21"),
            ("flex", "2026-10-12T00:00:00", "0.21"),
            ("Flex", "2026-10-12T00:00:00", "0.21"),
            ("batch", "2026-10-14T00:00:00", "0.21"),
            ("priority", "2026-10-12T00:00:00", "0.84"),
        ],
    )
    def test_the_served_tier_at_its_time(self, catalog: Catalog, tier: str, when: str, expected: str) -> None:
        cost = price(make_call("openai", "gpt-5.6-sol", LONG, tier=tier, when=when), catalog)

        assert usd(cost.amount) == expected
        assert {each.tier for each in cost.lines} == {tier.lower() or "standard"}

    def test_speed_is_a_tier(self, catalog: Catalog) -> None:
        cost = price(make_call("anthropic", "claude-opus-5", {"input": 1000, "output": 1000}, tier="fast"), catalog)

        assert usd(cost.amount) == "0.06"

    @pytest.mark.parametrize(
        ("provider", "tier", "when"),
        [
            ("openai", "priority-plus", "2026-09-01T00:00:00"),
            ("openai", "ultrafast", "2026-11-01T00:00:00"),
            ("azure", "ultrafast", "2026-11-01T00:00:00"),
        ],
    )
    def test_a_tier_without_a_rate_is_said(self, catalog: Catalog, provider: str, tier: str, when: str) -> None:
        cost = price(make_call(provider, "gpt-5.6-sol", LONG, tier=tier, when=when), catalog)

        assert usd(cost.amount) == "0.42"
        assert cost.status == CostStatus.ESTIMATED
        assert cost.rule.endswith(f"; no {tier} rate known; standard used")
        assert {each.tier for each in cost.lines} == {"standard"}

    def test_a_bucket_without_a_rate_in_the_tier_is_said_on_its_line(self, catalog: Catalog) -> None:
        cost = price(
            make_call("openai", "o1", {"input": 1000, "cache_read": 1000, "output": 1000}, tier="batch"), catalog
        )

        assert usd(cost.amount) == "0.045"
        assert (line(cost, "input").tier, line(cost, "cache_read").tier) == ("batch", "standard")
        assert line(cost, "cache_read").rule == "no batch rate known; standard used"


class TestFallback:
    @pytest.mark.parametrize(
        ("provider", "model", "bucket", "rule"),
        [
            ("openai", "o4-mini", "reasoning", "no reasoning rate; charged as output"),
            ("openai", "gpt-4", "cache_read", "no cache read rate; charged as input"),
            ("openai", "gpt-4o", "cache_write", "no cache write rate; charged as input"),
            ("openai", "gpt-4o", "cache_write_1h", "no cache write rate; charged as input"),
            ("openai", "gpt-4o", "image_input", "this provider charges images as text"),
        ],
    )
    def test_is_said_on_the_line(self, catalog: Catalog, provider: str, model: str, bucket: str, rule: str) -> None:
        cost = price(make_call(provider, model, {"input": 5, "output": 7, bucket: 11}), catalog)

        assert cost.status == CostStatus.COMPUTED
        assert line(cost, bucket).rule == rule
        stand_in = "output" if bucket == "reasoning" else "input"
        assert line(cost, bucket).rate == line(cost, stand_in).rate

    def test_the_short_lifetime_is_a_lower_bound_for_the_long_one(self, catalog: Catalog) -> None:
        cost = price(
            make_call("google", "claude-3-5-sonnet", {"input": 1, "cache_write_1h": 1000, "output": 1}), catalog
        )

        assert usd(line(cost, "cache_write_1h").amount) == "0.00375"
        assert line(cost, "cache_write_1h").grade == Grade.ESTIMATED
        assert cost.status == CostStatus.ESTIMATED

    @pytest.mark.parametrize("bucket", ["audio_input", "audio_output", "image_output"])
    def test_audio_and_images_are_not_text(self, catalog: Catalog, bucket: str) -> None:
        cost = price(make_call("openai", "gpt-4o", {"input": 1000, "output": 10, bucket: 100}), catalog)

        assert (cost.status, cost.amount) == (CostStatus.UNPRICED, None)
        assert (line(cost, bucket).rate, line(cost, bucket).grade) == (None, Grade.UNPRICED)
        assert usd(line(cost, "input").amount) == "0.0025"

    def test_a_bucket_nobody_knows_is_unpriced(self, catalog: Catalog) -> None:
        cost = price(make_call("openai", "gpt-4o", {"input": 1, "output": 1, "dreams": 3}), catalog)

        assert cost.status == CostStatus.UNPRICED


class TestUnknownIsNeverZero:
    def test_an_unmatched_model(self, catalog: Catalog) -> None:
        cost = price(make_call("openai", "gpt-4o-mini-x", {"input": 21, "output": 17}), catalog)

        assert (cost.status, cost.amount, cost.matched_model) == (CostStatus.UNPRICED, None, "")
        assert [(each.quantity, each.amount, each.grade) for each in cost.lines] == [
            (21, None, Grade.UNPRICED),
            (17, None, Grade.UNPRICED),
        ]
        assert cost.rule == "request model: no price at openai"

    def test_a_model_listed_without_a_price(self, catalog: Catalog) -> None:
        cost = price(make_call("github_copilot", "gpt-4o", {"input": 21, "output": 17}), catalog)

        assert (cost.status, cost.matched_model) == (CostStatus.UNPRICED, "gpt-4o")
        assert cost.rule.endswith("it is listed without a price that we know how to count")

    def test_no_usage(self, catalog: Catalog) -> None:
        assert price(make_call("openai", "gpt-4o", {}), catalog) is UNKNOWN
        assert price(make_call("openai", "gpt-4o", {"input": 1}, source=UsageSource.MISSING), catalog) is UNKNOWN

    @pytest.mark.parametrize(
        ("buckets", "why"),
        [
            ({"output": 17}, "the input was not reported"),
            ({"input": 21}, "the output was not reported"),
        ],
    )
    def test_half_a_usage(self, catalog: Catalog, buckets: dict[str, int], why: str) -> None:
        cost = price(make_call("openai", "gpt-4o", buckets), catalog)

        assert (cost.status, cost.amount) == (CostStatus.UNKNOWN, None)
        assert cost.rule.endswith(why)
        assert cost.lines[0].amount

    @pytest.mark.parametrize("count", [-1, MOST + 1])
    def test_a_count_beyond_reason(self, catalog: Catalog, count: int) -> None:
        cost = price(make_call("openai", "gpt-4o", {"input": 1, "output": count}), catalog)

        assert (cost.status, cost.amount, cost.lines) == (CostStatus.UNKNOWN, None, ())

    def test_before_any_price(self, catalog: Catalog) -> None:
        # Prices without a first day hold since ever, as the source means them.
        cost = price(make_call("openai", "o3", {"input": 1000, "output": 0}, when="1970-01-01T00:00:00"), catalog)

        assert usd(cost.amount) == "0.01"


def test_estimated_usage_gives_an_estimated_cost(catalog: Catalog) -> None:
    cost = price(make_call("openai", "gpt-4o-mini", {"input": 37, "output": 31}, source=UsageSource.ESTIMATED), catalog)

    assert cost.status == CostStatus.ESTIMATED
    assert {each.grade for each in cost.lines} == {Grade.ESTIMATED}
    assert usd(cost.amount) == "0.00002415"


def test_empty_buckets_give_no_line_unless_there_is_nothing_else(catalog: Catalog) -> None:
    some = price(make_call("openai", "gpt-4o", {"input": 1, "cache_read": 0, "audio_input": 0, "output": 0}), catalog)
    none = price(make_call("openai", "gpt-4o", {"audio_input": 0, "input": 0, "output": 0}), catalog)

    assert [each.bucket for each in some.lines] == ["input"]
    assert some.status == CostStatus.COMPUTED
    assert [(each.bucket, each.amount) for each in none.lines] == [(Bucket.INPUT, 0)]
    assert (none.status, usd(none.amount)) == (CostStatus.COMPUTED, "0")
