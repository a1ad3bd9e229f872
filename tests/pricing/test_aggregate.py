"""Calls that stand for many in; the exact sum at the rates of small ones out."""

import pytest

from farthing.model import money
from farthing.model.call import Call
from farthing.model.ledger import CostStatus, Grade
from farthing.model.usage import Usage, UsageSource
from farthing.pricing.aggregate import price_sum
from farthing.pricing.catalog import Catalog
from farthing.pricing.cost import price

AT = 1_790_000_000_000_000_000


def call(model: str, **buckets: int) -> Call:
    return Call(b"t" * 16, b"s" * 8, AT, 0, "metrics", "anthropic", model, usage=Usage(buckets, UsageSource.PROVIDER))


def amount(found: int | None) -> str | None:
    return None if found is None else money.to_text(found)


def test_many_small_prompts_are_no_long_one(catalog: Catalog) -> None:
    one = call("claude-sonnet-4-5", input=1_000_000, cache_read=3_000_000, output=100_000)
    cost = price_sum(one, lambda each: price(each, catalog))
    assert (amount(cost.amount), cost.status) == ("5.4", CostStatus.ESTIMATED)
    assert {line.bucket: amount(line.amount) for line in cost.lines} == {
        "input": "3",
        "cache_read": "0.9",
        "output": "1.5",
    }
    assert {line.grade for line in cost.lines} == {Grade.ESTIMATED}


@pytest.mark.parametrize(("model", "status"), [("no-such-model", CostStatus.UNPRICED)])
def test_what_has_no_price_has_none_in_sum(catalog: Catalog, model: str, status: CostStatus) -> None:
    cost = price_sum(call(model, input=5, output=5), lambda each: price(each, catalog))
    assert (cost.amount, cost.status) == (None, status)
    assert {line.quantity for line in cost.lines} == {5}


def test_unknown_usage_stays_unknown(catalog: Catalog) -> None:
    assert price_sum(call("claude-sonnet-4-5"), lambda each: price(each, catalog)).status is CostStatus.UNKNOWN
