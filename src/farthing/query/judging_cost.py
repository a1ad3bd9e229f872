"""Rules that judge by a model, and a time, in; what their judges' calls cost by the ledger, and their scores' mean, out."""

from decimal import Decimal

import msgspec

from farthing.model import money
from farthing.query.parameters import Parameters
from farthing.store.telemetry.engine import Engine

TIMEOUT_S = 60
TAG = "evaluation"
"""Calls of judges bear it, and the rule's id as its value."""


class Cost(msgspec.Struct, frozen=True):
    """Of the calls of one rule's judge; amounts in units of 10^-24 dollars."""

    calls: int = 0
    unpriced: int = 0
    """Those that went well and whose cost nobody knows."""
    known: int = 0
    highest: int = 0
    """The most that one of them cost."""


class Scored(msgspec.Struct, frozen=True):
    """The scores of one rule."""

    count: int = 0
    mean: float | None = None
    """None where they are categories."""
    labels: dict[str, int] = {}
    """Label → how many, of what are no numbers."""


NOTHING, NONE = Cost(), Scored()


def by_rule(engine: Engine, project_id: str, from_ns: int, to_ns: int) -> dict[str, Cost]:
    """Rule → what its judge cost. Raises `StoreError`."""
    p = Parameters()
    tag = p.add("String", TAG)
    rows = engine.query(
        "SELECT rule, count(), countIf(isNull(amount) AND how != 'error'), sum(amount), max(amount) FROM ("
        f"SELECT tags[{tag}] AS rule, argMax(tuple(calls.cost), revision).1 AS amount, argMax(is_owner, revision) AS is_mine,"
        " argMax(status, revision) AS how"
        f" FROM calls WHERE project_id = {p.add('String', project_id)} AND start_time >= {p.instant(from_ns)}"
        f" AND start_time < {p.instant(to_ns)} AND mapContains(tags, {tag})"
        " GROUP BY trace_id, span_id, rule) WHERE is_mine GROUP BY rule",
        p.values,
        timeout_s=TIMEOUT_S,
    ).rows
    return {
        rule: Cost(calls, unpriced, _units(known), _units(highest)) for rule, calls, unpriced, known, highest in rows
    }


def kept(engine: Engine, project_id: str, request_ids: list[str], from_ns: int) -> set[str]:
    """Those of these calls of the gateway's that the ledger has. Raises `StoreError`."""
    p = Parameters()
    rows = engine.query(
        f"SELECT DISTINCT external_request_id FROM calls WHERE project_id = {p.add('String', project_id)}"
        f" AND start_time >= {p.instant(from_ns)} AND external_request_id IN {p.add('Array(String)', request_ids)}",
        p.values,
        timeout_s=TIMEOUT_S,
    ).rows
    return {row[0] for row in rows}


def scored(engine: Engine, project_id: str, names: list[str], from_ns: int, to_ns: int) -> dict[str, Scored]:
    """Rule → its scores of a time. Raises `StoreError`."""
    p = Parameters()
    rows = engine.query(
        "SELECT JSONExtractString(metadata, 'evaluation_id') AS rule, label, count(), avg(value), countIf(isNotNull(value))"
        f" FROM scores FINAL WHERE project_id = {p.add('String', project_id)} AND name IN {p.add('Array(String)', names)}"
        f" AND origin = 'EVAL' AND time >= {p.instant(from_ns)} AND time < {p.instant(to_ns)} AND rule != ''"
        " GROUP BY rule, label ORDER BY rule, label",
        p.values,
        timeout_s=TIMEOUT_S,
    ).rows
    found: dict[str, Scored] = {}
    for rule in dict.fromkeys(row[0] for row in rows):
        mine = [row[1:] for row in rows if row[0] == rule]
        numbers = sum(row[3] for row in mine)
        total = sum(row[2] * row[3] for row in mine if row[3])
        labels = {row[0]: row[1] for row in mine if row[0]}
        found[rule] = Scored(sum(row[1] for row in mine), total / numbers if numbers else None, labels)
    return found


def _units(amount: Decimal | None) -> int:
    return 0 if amount is None else money.to_units(Decimal(amount))
