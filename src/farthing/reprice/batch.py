"""Rows of `calls` as Arrow and a catalogue in; which of them cost something else now, and what, out. No I/O.

Most calls of a batch differ in nothing but their quantities. They are priced together: one of them by the engine, the
others by the same rates on their own quantities, which is the same arithmetic as long as a rate does not depend on the
quantity. Where it does (context lengths), calls are told apart by it first; what can't be told apart is priced one by one.

What a row doesn't hold: buckets that were reported as zero. They cost nothing, and that a side was reported at all is
known from its sum of tokens; but where a zero of something else (no images made) was all that was told of a side, it
counts as not told. Nor does it hold whether a library leaves out parts of the input of which it told nothing.
"""

import bisect
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import pairwise
from typing import Any, TypeAlias

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from farthing.model import money
from farthing.model.ledger import Cost, CostStatus, Line
from farthing.model.usage import INPUT_SIDE, OUTPUT_SIDE, Bucket, Usage, UsageSource
from farthing.pricing.catalog import Catalog, Quote
from farthing.pricing.cost import Asked, price_of
from farthing.pricing.rates import REQUEST, Charge
from farthing.reprice.tally import Cell, Tally, unpriced
from farthing.store.telemetry import call_rows
from farthing.store.telemetry.call_rows import COSTS
from farthing.store.telemetry.repriced import KEYS

Column: TypeAlias = "pa.Array[Any]"
Row = dict[str, Any]

_kernels: Any = pc  # the stubs don't know what most of them answer

FEW = 3
"""So few calls are priced one by one sooner than together."""

_COUNT = pa.decimal128(13, 0)
_UNIT = pa.decimal128(money.SCALE, money.SCALE)
_MONEY = pa.decimal128(38, money.SCALE)
_WIDE = pa.decimal256(60, money.SCALE)
_PRICED = (CostStatus.COMPUTED, CostStatus.ESTIMATED)


class Outcome(msgspec.Struct):
    """What pricing some rows again comes to: the rows that change, with their keys, old and new columns, and the sums."""

    changes: list[pa.Table]
    tally: Tally


def reprice(rows: pa.Table, catalog: Callable[[str], Catalog]) -> Outcome:
    """Price rows again (columns as `repriced.load` gives them). `catalog` knows the prices that hold for a key."""
    outcome = Outcome([], Tally())
    if not rows.num_rows:
        return outcome
    shapes: Any = rows.column("shape").combine_chunks()
    shapes = shapes.dictionary_encode()
    numbered = rows.drop_columns(["shape"]).append_column("number", shapes.indices)
    together = numbered.take(_kernels.sort_indices(numbered, [("number", "ascending"), ("start_ns", "ascending")]))
    counts: Any = _kernels.value_counts(together.column("number"))
    at = 0
    for size in counts.field("counts").to_pylist():
        alike = together.slice(at, size)
        at += size
        if not first(alike)["line_bucket"]:
            _tell(outcome.tally, alike, alike.column("cost"), changed=False, status=None)
            continue
        _reprice_alike(alike, catalog(first(alike)["key_id"]), outcome)
    return outcome


def first(rows: pa.Table) -> Row:
    """The first row."""
    return _rows(rows.slice(0, 1))[0]


def _rows(rows: pa.Table) -> list[Row]:
    # Nanoseconds are no Python `datetime`; `start_ns` tells the same.
    return rows.drop_columns(["start_time"]).to_pylist()


def asked(row: Row) -> Asked:
    """What of a stored call its price depends on."""
    return Asked(
        provider=row["provider"],
        request_model=row["request_model"],
        response_model=row["response_model"],
        served_tier=row["served_tier"],
        region=row["region"],
        operation=row["operation"],
        start_ns=row["start_ns"],
        usage=_usage(row),
    )


def _usage(row: Row) -> Usage:
    buckets: dict[str, int] = {}
    for bucket, quantity in zip(row["line_bucket"], row["line_quantity"], strict=True):
        # A fee per call is the price's doing, not the call's.
        if bucket != REQUEST:
            buckets[bucket] = buckets.get(bucket, 0) + quantity
    told_input = not INPUT_SIDE.isdisjoint(buckets)
    if row["input_told"] and not told_input:
        buckets[Bucket.INPUT.value] = 0
    if row["output_told"] and OUTPUT_SIDE.isdisjoint(buckets):
        buckets[Bucket.OUTPUT.value] = 0
    return Usage(buckets, UsageSource(row["usage_source"]), whole=row["input_told"] or not told_input)


def _reprice_alike(alike: pa.Table, catalog: Catalog, outcome: Outcome) -> None:
    """Rows that differ in their times and quantities only, in the order of their times."""
    for within in _by_time(alike, catalog):
        row = first(within)
        quote = catalog.quote(
            row["provider"],
            row["response_model"],
            row["request_model"],
            row["served_tier"],
            row["start_ns"],
            row["region"],
        )
        charges = list(charges_of(row["line_bucket"], quote))
        if within.num_rows <= FEW or any(c.rate.marginal and c.rate.steps for c in charges):
            _one_by_one(within, catalog, outcome)
            continue
        steps = sorted({above for charge in charges for above, _ in charge.rate.steps})
        for level in _by_context(within, row["line_bucket"], steps):
            _together(level, catalog, outcome)


def _by_time(alike: pa.Table, catalog: Catalog) -> Iterator[pa.Table]:
    """The same rows, cut where another price begins to hold."""
    row = first(alike)
    names = row["provider"], row["response_model"], row["request_model"]
    starts: Any = alike.column("start_ns")
    at, size = 0, alike.num_rows
    while at < size:
        _, end = catalog.holds(*names, starts[at].as_py())
        upto = size if starts[size - 1].as_py() < end else bisect.bisect_left(starts.to_pylist(), end)
        yield alike.slice(at, upto - at)
        at = upto


def charges_of(buckets: Sequence[str], quote: Quote) -> Iterator[Charge]:
    """What these buckets are charged at, as far as they are."""
    for bucket in buckets:
        charge = quote.charges.get(bucket) or quote.charges.get(bucket.partition(".")[0])
        if charge is not None:
            yield charge


def _by_context(rows: pa.Table, buckets: Sequence[str], steps: Sequence[int]) -> Iterator[pa.Table]:
    """The same rows, told apart by which steps of context length they are beyond."""
    if not steps:
        yield rows
        return
    quantities = rows.column("line_quantity").combine_chunks()
    context: Any = pa.array([0] * rows.num_rows, pa.uint64())
    for at, bucket in enumerate(buckets):
        if bucket in INPUT_SIDE:
            context = _kernels.add(context, _kernels.list_element(quantities, at))
    edges = [-1, *steps, 2**63]
    for above, upto in pairwise(edges):
        inside = _kernels.less_equal(context, pa.scalar(upto, pa.uint64()))
        if above >= 0:
            inside = _kernels.and_(inside, _kernels.greater(context, pa.scalar(above, pa.uint64())))
        part = rows.filter(inside)
        if part.num_rows:
            yield part


def _together(rows: pa.Table, catalog: Catalog, outcome: Outcome) -> None:
    row, last = first(rows), first(rows.slice(rows.num_rows - 1))
    cost = price_of(asked(row), catalog)
    if not is_linear(row, cost) or _terms_of(cost) != _terms_of(price_of(asked(last), catalog)):
        _one_by_one(rows, catalog, outcome)
        return
    if not differs(row, cost):
        _tell(outcome.tally, rows, rows.column("cost"), changed=False, status=cost.status)
        return
    new = _columns(rows, cost)
    _tell(outcome.tally, rows, new["cost"], changed=True, status=cost.status)
    outcome.changes.append(_change(rows, new))


def is_linear(row: Row, cost: Cost) -> bool:
    """Whether each line of the cost is one of the row's, at a price per piece that divides."""
    return (
        [line.bucket for line in cost.lines] == row["line_bucket"]
        and len(set(row["line_bucket"])) == len(row["line_bucket"])
        and all(row["line_quantity"])
        and all(line.rate is None or is_plain(line.rate, line.per) for line in cost.lines)
    )


def is_plain(rate: int, per: int) -> bool:
    """Whether one piece has an exact price, small enough that any number of them has one."""
    return rate % per == 0 and 0 <= rate // per < money.UNITS_PER_USD


def _terms_of(cost: Cost) -> tuple[object, ...]:
    return cost.status, cost.rule, [(line.rate, line.per) for line in cost.lines], call_rows.terms(cost)


def differs(row: Row, cost: Cost) -> bool:
    """Whether money would change: a status, a rate, how good it is. Other words for the same price are no change."""
    if not any(row["line_quantity"]) and [line.bucket for line in cost.lines] != row["line_bucket"]:
        # Of several buckets that were told as zero the row names one, and this price is another one's.
        return False
    if row["cost_status"] != cost.status.value:
        return True
    old = call_rows.lines(
        row["line_bucket"], row["line_quantity"], row["line_rate"], row["line_amount"], row["line_terms"]
    )
    return [_worth(line) for line in old] != [_worth(line) for line in cost.lines]


def _worth(line: Line) -> tuple[object, ...]:
    return line.bucket, line.quantity, line.rate, line.per, line.amount, line.grade


def _columns(rows: pa.Table, cost: Cost) -> dict[str, Column]:
    """The columns `COSTS` of rows that are all charged at the rates of this cost."""
    size, width = rows.num_rows, len(cost.lines)
    same = pa.array([0] * size, pa.int32())
    columns: dict[str, Any] = {name: column.take(same) for name, column in call_rows.costs([cost]).items()}
    offsets = pa.array(range(0, size * width + 1, width), pa.int32())
    counts: Any = _kernels.list_flatten(rows.column("line_quantity").combine_chunks())
    units = [None if line.rate is None else money.to_decimal(line.rate // line.per) for line in cost.lines]
    prices = pa.array(units, _UNIT).take(pa.array(list(range(width)) * size, pa.int32()))
    amounts: Any = _kernels.multiply(counts.cast(pa.decimal128(20, 0)).cast(_COUNT), prices)
    columns["line_quantity"] = pa.ListArray.from_arrays(offsets, counts)
    columns["line_amount"] = pa.ListArray.from_arrays(offsets, amounts)
    if cost.status in _PRICED:
        sides = [Cost(CostStatus.COMPUTED, (msgspec.structs.replace(line, amount=1),)).amounts for line in cost.lines]
        for at, name in enumerate(("cost", "input_cost", "output_cost")):
            columns[name] = _summed(columns["line_amount"], [side[at] == 1 for side in sides], size)
    return columns


def _summed(amounts: Any, picked: Sequence[bool], size: int) -> Column:
    total: Any = pa.array([Decimal(0)] * size, _MONEY).cast(_WIDE)
    for at, wanted in enumerate(picked):
        if wanted:
            total = _kernels.add(total, _kernels.list_element(amounts, at)).cast(_WIDE)
    return total.cast(_MONEY)


def _one_by_one(rows: pa.Table, catalog: Catalog, outcome: Outcome) -> None:
    told = _rows(rows)
    costs = [price_of(asked(row), catalog) for row in told]
    new = call_rows.costs(costs)
    differ = [differs(row, cost) for row, cost in zip(told, costs, strict=True)]
    for at, (cost, changed) in enumerate(zip(costs, differ, strict=True)):
        one = rows.slice(at, 1)
        _tell(
            outcome.tally,
            one,
            new["cost"].slice(at, 1) if changed else one.column("cost"),
            changed=changed,
            status=cost.status,
        )
    if any(differ):
        mask = pa.array(differ, pa.bool_())
        outcome.changes.append(_change(rows.filter(mask), {name: column.filter(mask) for name, column in new.items()}))


def _tell(tally: Tally, rows: pa.Table, new_cost: Any, *, changed: bool, status: CostStatus | None) -> None:
    row, size = first(rows), rows.num_rows
    cell = Cell()
    if row["is_owner"]:
        old: Decimal | None = _kernels.sum(rows.column("cost")).as_py()
        new: Decimal | None = _kernels.sum(new_cost).as_py() if changed else old
        before = row["cost_status"]
        after = status.value if status is not None and changed else before
        cell = Cell(size, size * changed, 0, old, new, unpriced(before, size), unpriced(after, size))
    elif changed:
        cell = Cell(restated_changed=size)
    tally.count((row["day"], row["provider"], row["model"]), cell)


def _change(rows: pa.Table, new: Mapping[str, Column]) -> pa.Table:
    columns: dict[str, Any] = {name: rows.column(name) for name in KEYS}
    columns |= {f"old_{name}": rows.column(name) for name in COSTS}
    columns |= {f"new_{name}": new[name] for name in COSTS}
    return pa.table(columns)
