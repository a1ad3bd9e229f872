"""Sums of a window and of the time before in; what moved most, the most specific first, out."""

from decimal import Decimal

from alerts.made_rules import dollars

from farthing.alerts import drivers
from farthing.alerts.rule import Measure
from farthing.alerts.sums import Sums
from farthing.alerts.verdict import Group
from farthing.query import dimensions

BY = dimensions.parse(["model", "user"])


def test_one_user_of_one_model_is_named_before_either_alone() -> None:
    before: dict[Group, Sums] = {("gpt-5", "ann"): dollars(1), ("gpt-5", "bob"): dollars(1), ("o3", ""): dollars(2)}
    now: dict[Group, Sums] = {("gpt-5", "ann"): dollars(9), ("gpt-5", "bob"): dollars(2), ("o3", ""): dollars(3)}
    first, second, *rest = drivers.rank(BY, now, before, Measure.COST)
    assert (first.dimensions, first.change, first.share) == (
        (("model", "gpt-5"), ("user", "ann")),
        Decimal(8),
        Decimal("0.8"),
    )
    assert (second.dimensions, second.change) == ((("model", "gpt-5"),), Decimal(9))
    assert (("user", None),) not in [one.dimensions for one in rest]


def test_where_nothing_stands_out_single_values_are_told() -> None:
    now: dict[Group, Sums] = {("gpt-5", f"u{number}"): dollars(1) for number in range(10)}
    first, *rest = drivers.rank(BY, now, {}, Measure.COST)
    assert (first.dimensions, first.share) == ((("model", "gpt-5"),), Decimal(1))
    assert len(rest) == drivers.MOST - 1
    assert drivers.rank(BY, {}, {}, Measure.COST) == ()
