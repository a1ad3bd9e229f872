"""Calls to be priced again in, grouped by all that their price depends on but quantities; what changes for a group, into `calls` and back out.

The engine copies the rows itself: what comes through here is one row for each shape, not for each call. A step is safe
beside intake for the same reason as in `repriced`: its revision was given before it looked.
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import msgspec
import pyarrow as pa

from farthing.model import money
from farthing.store.telemetry.engine import Engine
from farthing.store.telemetry.repriced import KEYS, PLAIN, SHAPE, TIMEOUT_S, WITHIN, Calls, Span, bounds

Row = dict[str, Any]

_TEXTS = ("cost_status", "price_version", "price_source", "price_rule", "matched_model", "line_terms")
_MONEY = pa.decimal128(38, money.SCALE)
_PIECES = ("line_rate", "piece", "input_piece", "output_piece")


class Terms(msgspec.Struct, frozen=True):
    """What the costs of all calls of a shape have in common. Rates and prices per piece are in dollars, line by line."""

    cost_status: str
    price_version: str
    price_source: str
    price_rule: str
    matched_model: str
    line_terms: str
    line_rate: Sequence[Decimal | None]
    piece: Sequence[Decimal | None]
    input_piece: Sequence[Decimal]
    output_piece: Sequence[Decimal]


class Change(msgspec.Struct, frozen=True):
    """A shape whose calls cost something else from now on."""

    shape: int
    line_bucket: Sequence[str]
    old: Terms
    new: Terms


def survey(engine: Engine, calls: Calls, within: Span) -> list[Row]:
    """The shapes of these calls, each with one call's quantities, the extremes of what prices depend on, and the sums."""
    same = ", ".join(f"any({name}) AS {name}_" for name in (*PLAIN, *_TEXTS, "line_bucket", "line_rate"))
    sums = ", ".join(f"sum({name}) AS {name}_" for name in ("cost", "input_cost", "output_cost"))
    table = engine.arrow(
        f"SELECT {SHAPE} AS shape, {same}, any(line_quantity) AS line_quantity_, {sums}, count() AS calls,"
        " any(toInt32(intDiv(toUnixTimestamp(start_time), 86400))) AS day,"
        " any(input_tokens IS NOT NULL) AS input_told, any(output_tokens IS NOT NULL) AS output_told,"
        " min(toUnixTimestamp64Nano(start_time)) AS start_ns, max(toUnixTimestamp64Nano(start_time)) AS last_ns,"
        " min(input_tokens) AS least_context, max(input_tokens) AS most_context,"
        " max(arrayMax(line_quantity)) AS most, countIf(cost IS NOT NULL) AS priced,"
        " sumForEach(line_quantity) AS quantities, sumForEach(line_amount) AS amounts"
        f" FROM calls FINAL WHERE {calls.where} AND {WITHIN} GROUP BY shape",
        {**calls.values, **bounds(within)},
        timeout_s=TIMEOUT_S,
    )
    return table.rename_columns([name.removesuffix("_") for name in table.column_names]).to_pylist()


def change(engine: Engine, job: str, calls: Calls, changes: Sequence[Change], revision: int, within: Span) -> None:
    """Remember what changes, then change it. May be repeated. Raises `StoreError`."""
    engine.insert("repriced_shapes", _table(job, calls.project_id, changes, revision))
    told = {**calls.values, "project": calls.project_id, "job": job, "revision": revision, **bounds(within)}
    shapes = "project_id = {project:String} AND job = {job:String} AND revision = {revision:UInt64}"
    engine.command(
        f"INSERT INTO repriced_calls SELECT project_id, {{job:String}}, {', '.join(KEYS)}, {{revision:UInt64}},"
        f" {SHAPE} AS shape FROM calls FINAL WHERE {calls.where} AND {WITHIN}"
        f" AND shape IN (SELECT shape FROM repriced_shapes WHERE {shapes})",
        told,
    )
    engine.command(
        f"INSERT INTO calls SELECT now.* EXCEPT (shape) REPLACE ({_replaced('new')})"
        f" FROM (SELECT *, {SHAPE} AS shape FROM calls FINAL WHERE {calls.where} AND {WITHIN}) AS now"
        f" INNER JOIN (SELECT * FROM repriced_shapes WHERE {shapes}) AS told ON now.shape = told.shape",
        told,
    )


def restore(engine: Engine, job: str, project_id: str, revision: int, within: Span) -> None:
    """Give calls back what they cost before a job, unless they are priced otherwise by now. Raises `StoreError`.

    A call that was settled anew meanwhile at the job's prices goes back to the former ones as well.
    """
    of_job = "project_id = {project:String} AND job = {job:String}"
    engine.command(
        f"INSERT INTO calls SELECT now.* REPLACE ({_replaced('old')})"
        f" FROM (SELECT * FROM calls FINAL WHERE project_id = {{project:String}} AND {WITHIN}) AS now"
        f" INNER JOIN (SELECT {', '.join(KEYS)}, revision AS at, shape FROM repriced_calls WHERE {of_job} AND {WITHIN}) AS one"
        f" USING ({', '.join(KEYS)})"
        f" INNER JOIN (SELECT * FROM repriced_shapes WHERE {of_job}) AS told"
        " ON one.shape = told.shape AND one.at = told.revision"
        " WHERE now.cost_status = told.new_cost_status AND now.price_version = told.new_price_version"
        " AND now.line_bucket = told.line_bucket AND now.line_rate = told.new_line_rate",
        {"project": project_id, "job": job, "revision": revision, **bounds(within)},
    )


def _replaced(side: str) -> str:
    """The columns of a call's cost at the old or new terms of its shape, and its revision."""
    texts = ", ".join(f"told.{side}_{name} AS {name}" for name in (*_TEXTS, "line_rate"))

    def summed(pieces: str) -> str:
        sums = f"arraySum(arrayMap((quantity, piece) -> quantity * piece, now.line_quantity, {pieces}))"
        return f"if(told.{side}_cost_status IN ('computed', 'estimated'), {sums}, NULL)"

    return (
        f"{texts}, {{revision:UInt64}} AS revision,"
        f" arrayMap((quantity, piece) -> quantity * piece, now.line_quantity, told.{side}_piece) AS line_amount,"
        f" {summed(f'arrayMap(piece -> ifNull(piece, toDecimal128(0, {money.SCALE})), told.{side}_piece)')} AS cost,"
        f" {summed(f'told.{side}_input_piece')} AS input_cost, {summed(f'told.{side}_output_piece')} AS output_cost"
    )


def _table(job: str, project_id: str, changes: Sequence[Change], revision: int) -> pa.Table:
    size = len(changes)
    columns: dict[str, Any] = {
        "project_id": pa.array([project_id] * size, pa.string()),
        "job": pa.array([job] * size, pa.string()),
        "revision": pa.array([revision] * size, pa.uint64()),
        "shape": pa.array([change.shape for change in changes], pa.uint64()),
        "line_bucket": pa.array([list(change.line_bucket) for change in changes], pa.list_(pa.string())),
    }
    for side in ("old", "new"):
        terms: list[Terms] = [getattr(change, side) for change in changes]
        for name in _TEXTS:
            columns[f"{side}_{name}"] = pa.array([getattr(of, name) for of in terms], pa.string())
        for name in _PIECES:
            columns[f"{side}_{name}"] = pa.array([list(getattr(of, name)) for of in terms], pa.list_(_MONEY))
    return pa.table(columns)
