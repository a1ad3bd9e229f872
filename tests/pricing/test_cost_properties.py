"""What holds for the cost of every call, whatever its model, time, tier and usage."""

from datetime import datetime

from hypothesis import assume, given
from hypothesis import strategies as st
from made_calls import make_call

from farthing.model.ledger import CostStatus, Grade
from farthing.model.money import to_decimal, to_text
from farthing.model.usage import INPUT_SIDE, OUTPUT_SIDE, Bucket
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
            assert line.amount * line.per == line.quantity * line.rate
    if cost.status in (CostStatus.COMPUTED, CostStatus.ESTIMATED):
        assert cost.amount is not None
        assert cost.amount == sum(line.amount or 0 for line in cost.lines)
        fee = sum(line.amount or 0 for line in cost.lines if line.bucket not in INPUT_SIDE | OUTPUT_SIDE)
        assert cost.amount == (cost.input_amount or 0) + (cost.output_amount or 0) + fee
        assert to_text(cost.amount) == format(to_decimal(cost.amount).normalize(), "f")
    else:
        assert cost.amount is None


@given(models, usages, whens, tiers)
def test_no_token_is_lost(model: tuple[str, str], buckets: dict[str, int], when: str, tier: str) -> None:
    cost = price(make_call(*model, buckets, when=when, tier=tier), CATALOG)

    assert sum(line.quantity for line in cost.lines if line.bucket != "request") == sum(buckets.values())


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
