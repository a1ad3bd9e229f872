"""A range and filters in; what reasoning, failed calls and repeated prompts took of it, out."""

from collections.abc import Sequence
from typing import Any

from farthing.model import money
from farthing.query.moments import rfc3339
from farthing.query.parameters import Parameters
from farthing.query.question import RANGE, Given, Pairs, Scope, take_limit, take_scope
from farthing.query.shapes import Json
from farthing.query.sql import calls_where
from farthing.store.telemetry.call_rows import NO_TRACE
from farthing.store.telemetry.engine import Engine

DEFAULT_ROWS, MOST_ROWS = 20, 200

_ALIKE = "provider, model, feature, prompt_version"
_SUMS = "toUInt64(count()) AS calls, sum(input_tokens) AS tokens, sum(cost) AS cost, toUInt64(countIf(cost IS NULL)) AS uncovered"


def waste(engine: Engine, project_id: str, pairs: Pairs, now_ns: int) -> Json:
    """The answer of `GET /api/v1/spend/waste`. Raises `ParameterError` and `StoreError`."""
    given = Given(pairs)
    limit = take_limit(given, DEFAULT_ROWS, MOST_ROWS)
    scope, _ = take_scope(given, project_id, now_ns)
    given.finish(("limit", *RANGE))
    failed = engine.query(*_failed(scope, limit)).rows
    repeated = engine.query(*_repeated(scope, limit)).rows
    p = Parameters()
    told = engine.query(
        "SELECT sum(reasoning_tokens), sum(output_tokens), toUInt64(count()), toUInt64(countIf(reasoning_tokens IS NOT NULL))"
        f" FROM calls FINAL WHERE {_owned(scope, p)} SETTINGS prefer_column_name_to_alias = 1",
        p.values,
    ).rows[0]
    return {
        "from": rfc3339(scope.start_ns),
        "to": rfc3339(scope.end_ns),
        "calls": int(told[2]),
        "output_tokens": _count(told[1]),
        "reasoning_tokens": _count(told[0]),
        "reasoning_calls": int(told[3]),
        "failed": _all(failed),
        "repeated": _all(repeated),
        "data": sorted(
            [_row("failed", row) for row in failed] + [_row("repeated", row) for row in repeated],
            key=lambda row: -money.to_units(row["cost_usd"] or "0"),
        ),
    }


def _owned(scope: Scope, p: Parameters) -> str:
    return f"is_owner AND {calls_where(scope, ((scope.start_ns, scope.end_ns),), p)}"


def _failed(scope: Scope, limit: int) -> tuple[str, dict[str, Any]]:
    p = Parameters()
    source = (
        f"SELECT {_ALIKE}, {_SUMS} FROM calls FINAL WHERE {_owned(scope, p)} AND status = 'error' GROUP BY {_ALIKE}"
    )
    return _ranked(source, limit, p)


def _repeated(scope: Scope, limit: int) -> tuple[str, dict[str, Any]]:
    """Within a trace, all but the first of the calls whose prompt has the very same length. Failed ones count as failed."""
    p = Parameters()
    same = f"{_ALIKE}, operation, trace_id, input_tokens"
    ordered = (
        f"SELECT {_ALIKE}, cost, input_tokens, row_number() OVER (PARTITION BY {same} ORDER BY start_time, span_id) AS nth"
        f" FROM calls FINAL WHERE {_owned(scope, p)} AND status = 'ok' AND input_tokens > 0"
        f" AND trace_id != {p.add('String', NO_TRACE)}"
    )
    source = f"SELECT {_ALIKE}, {_SUMS} FROM ({ordered}) WHERE nth > 1 GROUP BY {_ALIKE}"
    return _ranked(source, limit, p)


def _ranked(source: str, limit: int, p: Parameters) -> tuple[str, dict[str, Any]]:
    """The dearest rows, each with the sums over all."""
    over = "sum(calls) OVER (), sum(tokens) OVER (), sum(cost) OVER (), sum(uncovered) OVER ()"
    return (
        f"SELECT {_ALIKE}, calls, tokens, cost, uncovered, {over} FROM ({source})"
        f" ORDER BY cost DESC NULLS LAST, calls DESC, {_ALIKE} LIMIT {p.add('UInt32', limit)}"
        " SETTINGS prefer_column_name_to_alias = 1"
    ), p.values


def _all(rows: Sequence[Sequence[Any]]) -> Json:
    return _sums(rows[0][8:12]) if rows else {"calls": 0, "input_tokens": 0, "cost_usd": "0", "uncovered_calls": 0}


def _row(kind: str, row: Sequence[Any]) -> Json:
    named = dict(
        zip(("provider", "model", "feature", "prompt_version"), (part or None for part in row[:4]), strict=True)
    )
    return {"kind": kind} | named | _sums(row[4:8])


def _sums(row: Sequence[Any]) -> Json:
    calls, tokens, cost, uncovered = row
    return {
        "calls": int(calls),
        "input_tokens": _count(tokens),
        "cost_usd": None if cost is None else money.to_text(money.to_units(cost)),
        "uncovered_calls": int(uncovered),
    }


def _count(value: Any) -> int | None:
    return None if value is None else int(value)
