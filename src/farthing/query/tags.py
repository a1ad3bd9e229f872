"""A range and filters in; which tags the calls there carry, the most frequent first, out."""

from typing import Any

from farthing.query.parameters import Parameters
from farthing.query.question import RANGE, Given, Pairs, take_limit, take_scope
from farthing.query.sql import calls_where
from farthing.store.telemetry.engine import Engine

Json = dict[str, Any]

DEFAULT_KEYS, MOST_KEYS = 200, 1_000
LOOKED_AT = 200_000
"""So many calls tell which keys there are; of a range with more, any of them."""


def tags(engine: Engine, project_id: str, pairs: Pairs, now_ns: int) -> Json:
    """The answer of `GET /api/v1/tags`. Raises `ParameterError` and `StoreError`."""
    given = Given(pairs)
    limit = take_limit(given, DEFAULT_KEYS, MOST_KEYS)
    scope, _ = take_scope(given, project_id, now_ns)
    given.finish(("limit", *RANGE))
    p = Parameters()
    where = f"is_owner AND {calls_where(scope, ((scope.start_ns, scope.end_ns),), p)}"
    # Without FINAL: a call that was settled twice has the same keys, and only their order hangs on how many there are.
    looked = f"SELECT mapKeys(tags) AS keys FROM calls WHERE {where} LIMIT {p.add('UInt32', LOOKED_AT)}"
    rows = engine.query(
        f"SELECT key, toUInt64(count()) AS calls FROM (SELECT arrayJoin(keys) AS key FROM ({looked}))"
        f" GROUP BY key ORDER BY calls DESC, key LIMIT {limit + 1}",
        p.values,
    ).rows
    return {"data": [{"key": key} for key, _ in rows[:limit]], "truncated": len(rows) > limit}
