"""Rules and answers for tests: nothing in, things of the shapes that checks take out."""

from decimal import Decimal
from typing import Any

from farthing.alerts.replay import Cell, Cumulated, Recorded
from farthing.alerts.rule import Kind, Rule
from farthing.alerts.sums import Sums, Where
from farthing.model.money import UNITS_PER_USD

NOW = 1_790_000_100
"""A Unix second."""


def rule(kind: Kind = Kind.THRESHOLD, **fields: Any) -> Rule:
    """A rule of one project; over $10 in an hour unless something else is said."""
    told: dict[str, Any] = {"limit": Decimal(10), "window": "1h", **fields}
    return Rule("ar_1", "default", "spend", kind, **told)


def where(of: Rule) -> Where:
    """Its calls."""
    return Where(of.project_id, of.scope, of.dimensions)


def dollars(amount: int | str, calls: int = 1, unpriced: int = 0, errors: int = 0) -> Sums:
    """The sums of so many calls."""
    cost = int(Decimal(amount) * UNITS_PER_USD)
    return Sums(calls + unpriced, errors, unpriced, 0, cost if calls else None, 100 * calls, 10 * calls)


def answers(of: Where, cells: list[tuple[int, tuple[str, ...], Sums]]) -> Recorded:
    """Whoever answers with these sums, each of a step that begins at a Unix second."""
    recorded = Recorded()
    recorded.cumulated[of] = Cumulated(Cell(step, group, sums) for step, group, sums in cells)
    return recorded
