"""What calls did before and do now in; what moved most first, whoever says nothing of some calls, out."""

from decimal import Decimal

from farthing.alerts import drivers
from farthing.alerts.rule import Measure
from farthing.alerts.sums import Sums
from farthing.query import dimensions

BY = dimensions.parse(["feature", "model"])


def test_values_that_moved_alike_have_an_order_though_some_are_unknown() -> None:
    # Each of two features, one of them unknown, moved by as much as the other.
    now = {("", "a"): Sums(calls=5), ("chat", "b"): Sums(calls=5)}
    found = drivers.rank(BY, now, {}, Measure.CALLS)
    told = [(one.dimensions, one.change, one.share) for one in found if len(one.dimensions) == 1]
    half = Decimal("0.5")
    assert told == [
        ((("feature", "chat"),), Decimal(5), half),
        ((("model", "a"),), Decimal(5), half),
        ((("model", "b"),), Decimal(5), half),
    ]
