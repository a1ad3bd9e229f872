"""What holds for the cost of every call, whatever its model, time, tier and usage."""

from datetime import datetime

from hypothesis import assume, given
from hypothesis import strategies as st
from made_calls import make_call
from msgspec.structs import replace

from farthing.model.ledger import CostStatus, Grade
from farthing.model.money import to_decimal, to_text
from farthing.model.usage import INPUT_SIDE, OUTPUT_SIDE, Bucket
from farthing.normalize.usage import Counts, settle
from farthing.pricing import base
from farthing.pricing.cost import price

CATALOG, AGAIN = base.load(), base.load()
SELLERS = ("openai", "anthropic", "google", "deepseek", "aws", "azure", "x-ai", "mistral", "perplexity", "together")
MODELS = sorted({(row.provider, row.model) for seller in SELLERS for row in CATALOG.price_rows(seller)})

models = st.sampled_from(MODELS)
counts = st.integers(min_value=0, max_value=600_000)
whens = st.datetimes(datetime(2024, 1, 1), datetime(2027, 12, 31)).map(datetime.isoformat)  # noqa: DTZ001
tiers = st.sampled_from(["", "batch", "flex", "priority", "fast", "unheard-of"])
usages = st.dictionaries(st.sampled_from([bucket.value for bucket in Bucket]), counts, min_size=1)
whole_usages = usages.map(lambda buckets: {"input": 1, "output": 1, **buckets})


@given(models, usages, whens, tiers)
def test_every_line_is_quantity_times_rate_and_the_lines_are_the_amount(
    model: tuple[str, str], buckets: dict[str, int], when: str, tier: str
) -> None:
    cost = price(make_call(*model, buckets, when=when, tier=tier), CATALOG)

    for line in cost.lines:
        assert (line.rate is None) == (line.amount is None) == (line.grade == Grade.UNPRICED)
        if line.rate is not None and line.amount is not None:
            assert 0 <= line.quantity * line.rate - line.amount * line.per < line.per
            assert line.unit == "second" or line.amount * line.per == line.quantity * line.rate
    if cost.status in (CostStatus.COMPUTED, CostStatus.ESTIMATED):
        assert cost.amount is not None
        assert cost.amount == sum(line.amount or 0 for line in cost.lines)
        sides = (cost.input_amount or 0) + (cost.output_amount or 0)
        tokens = sum(line.amount or 0 for line in cost.lines if line.bucket in INPUT_SIDE | OUTPUT_SIDE)
        assert tokens <= sides <= cost.amount
        assert to_text(cost.amount) == format(to_decimal(cost.amount).normalize(), "f")
    else:
        assert cost.amount is None


@given(models, usages, whens, tiers)
def test_no_token_is_lost(model: tuple[str, str], buckets: dict[str, int], when: str, tier: str) -> None:
    cost = price(make_call(*model, buckets, when=when, tier=tier), CATALOG)

    tokens = sum(quantity for bucket, quantity in buckets.items() if bucket != "request")
    assert sum(line.quantity for line in cost.lines if line.bucket != "request") == tokens


@given(models, whole_usages, whens, tiers, st.sampled_from(["input", "cache_read", "output", "reasoning"]), counts)
def test_more_usage_never_costs_less(
    model: tuple[str, str], buckets: dict[str, int], when: str, tier: str, bucket: str, more: int
) -> None:
    less = price(make_call(*model, buckets, when=when, tier=tier), CATALOG).amount
    grown = {**buckets, bucket: buckets.get(bucket, 0) + more}
    greater = price(make_call(*model, grown, when=when, tier=tier), CATALOG).amount

    assume(less is not None and greater is not None)
    assert less is not None
    assert greater is not None
    assert less <= greater


@given(models, whole_usages, whens, tiers)
def test_the_same_call_costs_the_same(model: tuple[str, str], buckets: dict[str, int], when: str, tier: str) -> None:
    call = make_call(*model, buckets, when=when, tier=tier)

    assert price(call, CATALOG) == price(call, AGAIN)


names = st.one_of(
    st.text(max_size=30), st.sampled_from(["gpt-4o", "openai/gpt-5", "claude-x", "ft:gpt-4o:acme::1", "models/"])
)
units = st.one_of(st.sampled_from([*(bucket.value for bucket in Bucket), "images.hd.1024x1024"]), st.text(max_size=20))
strange = st.dictionaries(units, st.integers(min_value=-5, max_value=10**14), max_size=5)
wheres = st.one_of(st.sampled_from(["", "us", "eu", "mars"]), st.text(max_size=8))


@given(names, names, strange, tiers, wheres)
def test_nothing_costs_zero_silently(
    provider: str, model: str, buckets: dict[str, int], tier: str, region: str
) -> None:
    call = replace(make_call(provider, model, buckets, tier=tier), region=region)
    cost = price(call, CATALOG)

    if cost.amount is None:
        assert cost.status in (CostStatus.UNPRICED, CostStatus.UNKNOWN)
        assert cost.rule or not buckets
        assert all(line.amount != 0 for line in cost.lines if line.rate is None)
    elif cost.amount == 0:
        for line in cost.lines:
            assert line.rate is not None
            assert line.quantity == 0 or "free" in line.rule or line.rate == 0


@given(st.lists(st.tuples(models, usages, whens, tiers), max_size=20))
def test_what_was_priced_before_changes_nothing(told: list[tuple[tuple[str, str], dict[str, int], str, str]]) -> None:
    calls = [make_call(*model, buckets, when=when, tier=tier) for model, buckets, when, tier in told]

    backwards = [price(call, AGAIN) for call in reversed(calls)]
    assert [price(call, CATALOG) for call in calls] == backwards[::-1]


any_tier = st.sampled_from(
    ["batch", "flex", "priority", "fast", "ultrafast", "scale", "FLEX", "provisioned_throughput", "?!"]
)
places = st.sampled_from(["", "us", "eu", "global", "us-east-1", "eu-west-3", "us-central1", "europe-west1", "mars"])
told_counts = st.one_of(st.none(), st.integers(0, 5_000))
COUNTED = [name for name in Counts.__struct_fields__ if name != "total"]
contradictory = st.fixed_dictionaries(dict.fromkeys(COUNTED, told_counts)).map(lambda told: Counts(**told))


@given(models, usages, whens, any_tier, places)
def test_a_tier_without_a_rate_is_never_silently_standard(
    model: tuple[str, str], buckets: dict[str, int], when: str, tier: str, region: str
) -> None:
    cost = price(replace(make_call(*model, buckets, when=when, tier=tier), region=region), CATALOG)

    if cost.status is CostStatus.COMPUTED:
        for line in cost.lines:
            assert line.unit != "token" or not line.amount or line.tier.startswith(tier.lower())


@given(models, usages, whens, st.one_of(tiers, any_tier), places)
def test_whatever_was_used_is_on_a_line_and_without_a_rate_it_has_no_amount(
    model: tuple[str, str], buckets: dict[str, int], when: str, tier: str, region: str
) -> None:
    cost = price(replace(make_call(*model, buckets, when=when, tier=tier), region=region), CATALOG)

    used = {bucket for bucket, quantity in buckets.items() if quantity and bucket != "request"}
    assert not cost.lines or used <= {line.bucket for line in cost.lines}
    if any(line.rate is None for line in cost.lines):
        assert cost.status in (CostStatus.UNPRICED, CostStatus.UNKNOWN)
        assert cost.rule
    if cost.amount == 0:
        assert all(line.rate == 0 for line in cost.lines if line.quantity)


@given(contradictory, st.booleans(), models, whens)
def test_a_usage_that_contradicts_itself_loses_nothing_and_says_so(
    told: Counts, inclusive: bool, model: tuple[str, str], when: str
) -> None:
    usage = settle(told, input_includes_cache=inclusive)
    sides = ((INPUT_SIDE, told.input), (OUTPUT_SIDE, told.output))

    assert all(quantity >= 0 for quantity in usage.buckets.values())
    for side, whole in sides:
        if whole is not None:
            assert sum(usage.buckets.get(bucket, 0) for bucket in side) >= whole
    if not usage.flags and told.output is not None:
        assert sum(usage.buckets.get(bucket, 0) for bucket in OUTPUT_SIDE) == told.output
    cost = price(replace(make_call(*model, {}, when=when), usage=usage), CATALOG)
    if cost.amount == 0:
        assert all(line.rate == 0 for line in cost.lines if line.quantity)
    assert cost.status is not CostStatus.UNKNOWN or cost.rule or not usage.buckets
