"""What can't be a budget is refused by the name of the field; what can, is kept as it was given."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from budgets.made_budgets import MADE, make_budget

from farthing.budgets import budget
from farthing.budgets.budget import Budget, Enforcement
from farthing.budgets.periods import FOREVER, Period, Stretch
from farthing.errors import BadRequestError

LATER = MADE + timedelta(days=3)


@pytest.mark.parametrize(
    "fields",
    [
        {"limit_usd": Decimal("0.000000000000000000000001")},
        {"limit_usd": Decimal(10000000000000)},
        {"period": Period.ROLLING, "window": "36h"},
        {"period": Period.ONCE},
        {"period": Period.ONCE, "starts_at": LATER},
        {"period": Period.ONCE, "starts_at": MADE, "ends_at": LATER},
        {"filters": {"feature": "chat", "tag.tier": ["free", "!paid"], "min_cost": "0.5", "q": "x"}},
        {"thresholds": ()},
        {"thresholds": (Decimal("0.000001"), Decimal(10)), "warning_ratio": Decimal(1)},
        {"timezone": "Australia/Lord_Howe", "enforcement": Enforcement.BLOCK},
    ],
)
def test_what_can_be_a_budget_is_kept_as_it_is(fields: dict[str, Any]) -> None:
    made = msgspec.structs.replace(make_budget(), **fields)
    budget.check(made)
    assert msgspec.json.decode(msgspec.json.encode(made), type=Budget) == made


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"name": "  "}, "name: 1 to 200"),
        ({"name": "x" * 201}, "name: 1 to 200"),
        ({"limit_usd": Decimal(0)}, "limit_usd: dollars above 0"),
        ({"limit_usd": Decimal(-1)}, "limit_usd: dollars above 0"),
        ({"limit_usd": Decimal("NaN")}, "limit_usd: dollars above 0"),
        ({"limit_usd": Decimal("Infinity")}, "limit_usd: dollars above 0"),
        ({"limit_usd": Decimal("1E+999999")}, "limit_usd: dollars above 0"),
        ({"limit_usd": Decimal("1E-999999")}, "limit_usd: dollars above 0"),
        ({"limit_usd": Decimal("0.0000000000000000000000001")}, "limit_usd: dollars above 0"),
        ({"timezone": "Mars/Base"}, "timezone: there is no time zone 'Mars/Base'"),
        ({"timezone": "../etc/passwd"}, "timezone: there is no time zone"),
        ({"filters": {"colour": "red"}}, "filters.colour: there is no such filter"),
        ({"filters": {"feature": []}}, "filters.feature: give at least one value"),
        ({"filters": {"feature": "a\0"}}, "filters.feature: no value has a zero byte"),
        ({"filters": {"min_cost": "much"}}, "filters.min_cost: 'much' is no number"),
        ({"filters": {f"tag.{n}": "x" for n in range(21)}}, "filters: at most 20"),
        ({"thresholds": (Decimal(1),) * 21}, "thresholds: at most 20"),
        ({"thresholds": (Decimal(0),)}, "thresholds: a share"),
        ({"thresholds": (Decimal(11),)}, "thresholds: a share"),
        ({"thresholds": (Decimal("0.1234567"),)}, "thresholds: a share"),
        ({"warning_ratio": Decimal("1.1")}, "warning_ratio: a share"),
        ({"warning_ratio": Decimal("1E-999999")}, "warning_ratio: a share"),
        ({"warning_ratio": Decimal("NaN")}, "warning_ratio: a share"),
        ({"window": "24h"}, "window: only for the period rolling"),
        ({"period": Period.ROLLING}, "window: '' is no length"),
        ({"starts_at": MADE}, "starts_at: only for the period once"),
        ({"ends_at": MADE}, "ends_at: only for the period once"),
        ({"period": Period.ONCE, "starts_at": LATER, "ends_at": MADE}, "ends_at: it must be"),
        ({"period": Period.ONCE, "starts_at": LATER, "ends_at": LATER}, "ends_at: it must be"),
        ({"period": Period.ONCE, "starts_at": datetime(1969, 1, 1, tzinfo=UTC)}, "starts_at: from 1970"),
        ({"period": Period.ONCE, "ends_at": datetime(2101, 1, 1, tzinfo=UTC)}, "starts_at: from 1970"),
    ],
)
def test_what_can_not_is_refused_by_the_field_s_name(fields: dict[str, Any], said: str) -> None:
    with pytest.raises(BadRequestError) as caught:
        budget.check(msgspec.structs.replace(make_budget(), **fields))
    assert str(caught.value).startswith(said)


def test_one_that_is_there_once_begins_when_it_is_made_and_lasts() -> None:
    assert make_budget(Period.ONCE).stretch(0) == Stretch(int(MADE.timestamp()), FOREVER)
    ended = make_budget(Period.ONCE, starts_at=MADE, ends_at=LATER)
    assert ended.stretch(FOREVER) == Stretch(int(MADE.timestamp()), int(LATER.timestamp()))


def test_another_time_zone_makes_another_period() -> None:
    # In London it is still March for an hour, in Tokyo April since eight.
    at = int(datetime(2026, 3, 31, 22, tzinfo=UTC).timestamp())
    london, tokyo = (make_budget(timezone=zone).stretch(at) for zone in ("Europe/London", "Asia/Tokyo"))
    assert london.end == at + 3_600
    assert tokyo.start == at - 7 * 3_600
