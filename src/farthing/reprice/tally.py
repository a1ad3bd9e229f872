"""What pricing calls again changed in, piece by piece; totals by day and model out, as JSON that can be kept and added to."""

from decimal import Decimal
from typing import Any

import msgspec

from farthing.model import money
from farthing.model.ledger import CostStatus

Json = dict[str, Any]

Key = tuple[int, str, str]
"""UTC day number, provider, model."""


class Cell(msgspec.Struct):
    """The calls of one model of one day. Sums are of those whose cost is known; None when none is."""

    calls: int = 0
    changed: int = 0
    restated_changed: int = 0
    """Rows that only restate a call, and are in no sum."""
    old_cost: Decimal | None = None
    new_cost: Decimal | None = None
    old_unpriced: int = 0
    new_unpriced: int = 0

    def add(self, other: "Cell") -> None:
        """Count these calls too."""
        self.calls += other.calls
        self.changed += other.changed
        self.restated_changed += other.restated_changed
        self.old_cost = _sum(self.old_cost, other.old_cost)
        self.new_cost = _sum(self.new_cost, other.new_cost)
        self.old_unpriced += other.old_unpriced
        self.new_unpriced += other.new_unpriced


class Tally(msgspec.Struct):
    """All calls looked at, and those days and models of which something changed."""

    total: Cell = msgspec.field(default_factory=Cell)
    cells: dict[Key, Cell] = {}

    def count(self, key: Key, cell: Cell) -> None:
        """Some calls of one day and model."""
        self.total.add(cell)
        self.cells.setdefault(key, Cell()).add(cell)

    def add(self, other: "Tally") -> None:
        """What was found elsewhere."""
        for key, cell in other.cells.items():
            self.count(key, cell)

    def kept(self) -> Json:
        """As JSON, to go on from later."""
        cells = [[*key, *(_plain(cell))] for key, cell in self.cells.items()]
        return {"cells": cells}

    @property
    def touched(self) -> int:
        """Rows that change, restated ones included."""
        return self.total.changed + self.total.restated_changed


def from_kept(kept: Json) -> Tally:
    """What `Tally.kept` made."""
    tally = Tally()
    for day, provider, model, calls, changed, restated, old, new, unpriced_before, unpriced_after in kept.get(
        "cells", []
    ):
        cell = Cell(calls, changed, restated, _decimal(old), _decimal(new), unpriced_before, unpriced_after)
        tally.count((day, provider, model), cell)
    return tally


def unpriced(status: str, calls: int) -> int:
    """How many of these count as unpriced."""
    return calls if status == CostStatus.UNPRICED.value else 0


def _plain(cell: Cell) -> list[Any]:
    told = (cell.old_cost, cell.new_cost)
    old, new = (None if cost is None else money.decimal_text(cost) for cost in told)
    return [cell.calls, cell.changed, cell.restated_changed, old, new, cell.old_unpriced, cell.new_unpriced]


def _decimal(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def _sum(one: Decimal | None, other: Decimal | None) -> Decimal | None:
    # The context's precision would round sums of many digits; integers don't.
    if one is None or other is None:
        return other if one is None else one
    return money.to_decimal(money.to_units(one) + money.to_units(other))
