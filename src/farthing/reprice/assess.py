"""Shapes of recorded calls and today's prices in; which of them cost something else now and at what terms, out. No I/O.

A shape is priced once, by one of its calls, where all of its calls are charged alike: at one price's time, on one side of
every step of context length, at rates that divide. What can't be told so is left to be priced call by call (`batch`).
"""

from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from typing import Any

import msgspec

from farthing.model import money
from farthing.model.ledger import Cost, CostStatus, Line
from farthing.model.usage import INPUT_SIDE
from farthing.pricing.catalog import Catalog
from farthing.pricing.cost import MOST, price_of
from farthing.reprice.batch import Row, asked, charges_of, differs, is_linear, is_plain
from farthing.reprice.tally import Cell, Tally, unpriced
from farthing.store.telemetry import call_rows
from farthing.store.telemetry.repriced_shapes import Change, Terms

_PRICED = (CostStatus.COMPUTED, CostStatus.ESTIMATED)
_NOTHING = Decimal(0)


class Assessed(msgspec.Struct):
    """The shapes that change, those whose calls must be looked at one by one, and the sums of all but these."""

    changes: list[Change]
    apart: list[int]
    tally: Tally


def assess(shapes: Iterable[Row], catalog: Callable[[str], Catalog]) -> Assessed:
    """Price shapes again (rows as `repriced_shapes.survey` gives them). `catalog` knows the prices that hold for a key."""
    assessed = Assessed([], [], Tally())
    for shape in shapes:
        if not shape["line_bucket"]:
            _tell(assessed.tally, shape, None, None)
            continue
        cost, old = _cost(shape, catalog(shape["key_id"])), _former(shape)
        if cost is None or old is None:
            assessed.apart.append(shape["shape"])
        elif not differs({**shape, "line_amount": _amounts(shape["line_quantity"], old)}, cost):
            _tell(assessed.tally, shape, None, None)
        else:
            new = _terms(cost, call_rows.terms(cost))
            assessed.changes.append(Change(shape["shape"], shape["line_bucket"], old, new))
            _tell(assessed.tally, shape, cost.status, _sums(shape, new)[0])
    return assessed


def _cost(shape: Row, catalog: Catalog) -> Cost | None:
    """What one call of the shape costs; None unless that tells what all others cost."""
    buckets = shape["line_bucket"]
    names = shape["provider"], shape["response_model"], shape["request_model"]
    if (
        shape["most"] > MOST
        or 0 in shape["line_quantity"]
        or catalog.holds(*names, shape["start_ns"])[1] <= shape["last_ns"]
    ):
        return None
    quote = catalog.quote(*names, shape["served_tier"], shape["start_ns"], shape["region"])
    steps: set[int] = set()
    for charge in charges_of(buckets, quote):
        if charge.rate.steps and charge.rate.marginal:
            return None
        steps.update(above for above, _ in charge.rate.steps)
    if steps and not INPUT_SIDE.isdisjoint(buckets):
        least, most = shape["least_context"], shape["most_context"]
        if least is None or any(least <= above < most for above in steps):
            return None
    cost = price_of(asked(shape), catalog)
    return cost if is_linear(shape, cost) else None


def _former(shape: Row) -> Terms | None:
    """The terms at which the shape's calls are recorded; None when their amounts aren't what these terms come to."""
    lines = call_rows.lines(
        shape["line_bucket"], shape["line_quantity"], shape["line_rate"], shape["amounts"], shape["line_terms"]
    )
    if not all(line.rate is None or is_plain(line.rate, line.per) for line in lines):
        return None
    told = Cost(
        CostStatus(shape["cost_status"]),
        tuple(lines),
        shape["price_version"],
        shape["price_source"],
        shape["price_rule"],
        shape["matched_model"],
    )
    terms = _terms(told, shape["line_terms"])
    if _amounts(shape["quantities"], terms) != shape["amounts"]:
        return None
    if told.status in _PRICED:
        if shape["priced"] != shape["calls"] or _sums(shape, terms) != _recorded(shape):
            return None
    elif shape["priced"]:
        return None
    return terms


def _terms(cost: Cost, told: str) -> Terms:
    pieces = [None if line.rate is None else money.to_decimal(line.rate // line.per) for line in cost.lines]
    sides = [_sides(line) for line in cost.lines]
    return Terms(
        cost_status=cost.status.value,
        price_version=cost.price_version,
        price_source=cost.source,
        price_rule=cost.rule,
        matched_model=cost.matched_model,
        line_terms=told,
        line_rate=[None if line.rate is None else money.to_decimal(line.rate) for line in cost.lines],
        piece=pieces,
        input_piece=[(piece or _NOTHING) if side[1] else _NOTHING for piece, side in zip(pieces, sides, strict=True)],
        output_piece=[(piece or _NOTHING) if side[2] else _NOTHING for piece, side in zip(pieces, sides, strict=True)],
    )


def _sides(line: Line) -> tuple[int | None, int | None, int | None]:
    """Which of the whole, the input's and the output's sums have this line in them."""
    return Cost(CostStatus.COMPUTED, (msgspec.structs.replace(line, amount=1),)).amounts


def _sums(shape: Row, terms: Terms) -> tuple[Decimal | None, ...]:
    """What all calls of the shape cost together at these terms: the whole, the input's and the output's."""
    if terms.cost_status not in _PRICED:
        return (None, None, None)
    return tuple(_total(shape["quantities"], of) for of in (terms.piece, terms.input_piece, terms.output_piece))


def _total(quantities: Sequence[int], pieces: Sequence[Decimal | None]) -> Decimal:
    # In integers: the context's precision would round sums of many digits.
    units = [count * money.to_units(piece or 0) for count, piece in zip(quantities, pieces, strict=True)]
    return money.to_decimal(sum(units))


def _amounts(quantities: Sequence[int], terms: Terms) -> list[Decimal | None]:
    return [
        None if piece is None else money.to_decimal(count * money.to_units(piece))
        for count, piece in zip(quantities, terms.piece, strict=True)
    ]


def _recorded(shape: Row) -> tuple[Any, ...]:
    return shape["cost"], shape["input_cost"], shape["output_cost"]


def _tell(tally: Tally, shape: Row, status: CostStatus | None, new: Decimal | None) -> None:
    """Count a shape's calls, those that change under their new status."""
    changed, size = status is not None, shape["calls"]
    cell = Cell()
    if shape["is_owner"]:
        before, old = shape["cost_status"], shape["cost"]
        after = before if status is None else status.value
        cell = Cell(
            size, size * changed, 0, old, new if changed else old, unpriced(before, size), unpriced(after, size)
        )
    elif changed:
        cell = Cell(restated_changed=size)
    tally.count((shape["day"], shape["provider"], shape["model"]), cell)
