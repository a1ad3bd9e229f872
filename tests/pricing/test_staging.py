"""Which changes of a price list need a person's word."""

from collections.abc import Sequence

import pytest
from made_calls import at
from msgspec.structs import replace

from farthing.model.money import to_units
from farthing.pricing.catalog import PriceRow
from farthing.pricing.staging import What, compare, live

ROW = PriceRow("p", "m", "standard", "input", "token", to_units("2"), 1_000_000)


def to(usd: str, **more: object) -> PriceRow:
    """The row at another price."""
    return replace(ROW, usd=to_units(usd), **more)


@pytest.mark.parametrize(
    ("usd", "why"),
    [
        ("2", None),
        ("2.5", ""),
        ("39.99", ""),
        ("40", "at least 20 times"),
        ("0.1", "at most 1/20"),
        ("0.11", ""),
        ("0", "nothing"),
    ],
)
def test_a_leap_is_held_back(usd: str, why: str | None) -> None:
    changes = compare([ROW], [to(usd)])

    if why is None:
        assert changes == []
    else:
        assert [change.what for change in changes] == [What.CHANGED]
        assert (
            changes[0].suspicious.startswith(why)
            if why in ("", "at least 20 times", "at most 1/20")
            else why in changes[0].suspicious
        )
        assert bool(changes[0].suspicious) is bool(why)


def test_the_same_price_for_another_amount_is_no_change() -> None:
    assert compare([ROW], [to("0.002", per=1_000)]) == []


def test_a_new_price_is_compared_with_the_last_one() -> None:
    old = [to("100", valid_from=at("2025-01-01T00:00:00")), to("3", valid_from=at("2026-01-01T00:00:00"))]

    assert compare(old, [*old, to("4", valid_from=at("2026-06-01T00:00:00"))])[0].suspicious == ""


def test_a_price_never_disappears_and_a_suspicious_one_is_not_live() -> None:
    gone, leapt, fine = (replace(ROW, model=name) for name in ("gone", "leapt", "fine"))
    changes = compare([gone, leapt, fine], [replace(leapt, usd=to_units("90")), replace(fine, usd=to_units("3"))])

    assert [(change.what, bool(change.suspicious)) for change in changes] == [
        (What.CHANGED, True),
        (What.CHANGED, False),
        (What.REMOVED, True),
    ]
    rows: Sequence[PriceRow] = live([gone, leapt, fine], changes)
    assert {row.model: row.usd for row in rows} == {"gone": ROW.usd, "leapt": ROW.usd, "fine": to_units("3")}


def test_an_output_in_the_wrong_unit_is_seen_though_it_is_new() -> None:
    wrong = replace(ROW, bucket="output", usd=to_units("5000"))

    assert [bool(change.suspicious) for change in compare([], [ROW, wrong])] == [False, True]
