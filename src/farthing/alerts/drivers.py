"""What calls cost and did in a window and before, by several dimensions at once, in; what moved most out. Pure."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from itertools import combinations

from farthing.alerts.rule import Measure
from farthing.alerts.sums import NOTHING, RATIO, Sums, value
from farthing.alerts.verdict import Driver, Group
from farthing.query.dimensions import Dimension

NAMES = ("feature", "model", "user", "prompt_version")
"""What is looked at, as far as the group doesn't say it already."""

MOST = 6
_MAJORITY = Decimal("0.5")


def rank(
    by: Sequence[Dimension], now: Mapping[Group, Sums], before: Mapping[Group, Sums], measure: Measure
) -> tuple[Driver, ...]:
    """First what is most specific and yet most of the change; then single values, whichever moved most."""
    moved = {
        group: _known(measure, now.get(group, NOTHING)) - _known(measure, before.get(group, NOTHING))
        for group in now.keys() | before.keys()
    }
    total = sum(moved.values(), Decimal(0))
    found: list[Driver] = []
    for width in range(len(by), 1, -1):
        best = _best([_combined(by, places, moved, total) for places in combinations(range(len(by)), width)])
        if best is not None and best.share is not None and best.share > _MAJORITY:
            found.append(best)
            break
    singles = [driver for place in range(len(by)) for driver in _combined(by, (place,), moved, total)]
    singles.sort(key=lambda driver: (-abs(driver.change), [(name, told or "") for name, told in driver.dimensions]))
    found += [driver for driver in singles if driver.change and _is_told(driver)]
    return tuple(found[:MOST])


def _combined(
    by: Sequence[Dimension], places: Sequence[int], moved: Mapping[Group, Decimal], total: Decimal
) -> list[Driver]:
    sums: dict[Group, Decimal] = {}
    for group, change in moved.items():
        key = tuple(group[place] for place in places)
        sums[key] = sums.get(key, Decimal(0)) + change
    return [
        Driver(
            tuple((by[place].name, value or None) for place, value in zip(places, key, strict=True)),
            change,
            (change / total).quantize(RATIO) if total else None,
        )
        for key, change in sums.items()
    ]


def _best(found: Sequence[Sequence[Driver]]) -> Driver | None:
    """The one that moved most among those that say something in every dimension."""
    told = [driver for some in found for driver in some if all(value is not None for _, value in driver.dimensions)]
    return max(told, key=lambda driver: (driver.share or Decimal(0), driver.dimensions), default=None)


def _is_told(driver: Driver) -> bool:
    return any(value is not None for _, value in driver.dimensions)


def _known(measure: Measure, sums: Sums) -> Decimal:
    return value(measure, sums) or Decimal(0)
