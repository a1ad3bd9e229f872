"""A call's row and its span's attributes in; why its usage is read as it is, and which sightings were merged, out."""

from typing import Any

from farthing.query import shapes
from farthing.query.moments import rfc3339
from farthing.store.telemetry.engine import Engine

Json = dict[str, Any]

_REACH_NS = 6 * 3600 * 10**9
"""How far in time from a call its duplicates are looked for."""

_MOST = 100
_USAGE_WORDS = ("usage", "token", "cost")

_DUPLICATES = """
SELECT trace_id, span_id, toUnixTimestamp64Nano(start_time) AS start_ns, dialect, provider, operation, response_id,
       input_tokens, output_tokens
FROM calls FINAL
WHERE project_id = {project:String} AND NOT is_owner
  AND owner_span_id = toFixedString(unhex({span:String}), 8)
  AND toFixedString(unhex({trace:String}), 16) = if(owner_trace_id = toFixedString('', 16), trace_id, owner_trace_id)
  AND start_time >= fromUnixTimestamp64Nano({from:Int64}, 'UTC')
  AND start_time <= fromUnixTimestamp64Nano({to:Int64}, 'UTC')
ORDER BY start_time, trace_id, span_id
LIMIT {most:UInt32}
"""


def usage_rule(dialect: str, convention: str, flags: list[str]) -> str | None:
    """Why cached input was taken to be a part of the input, or not; None where nothing was cached."""
    if not convention:
        return None
    if "cache_exceeds_input" in flags:
        return "exclusive: more was cached than the reported input holds"
    if "total_adds_cache" in flags:
        return "exclusive: the reported total is input, cache and output added up"
    return f"{convention}: {dialect} counts so"


def reported_usage(attributes: Json | None) -> Json:
    """What the span says of usage and cost, in the emitter's own words."""
    return {
        key: value
        for key, value in (attributes or {}).items()
        if any(word in key.lower() for word in _USAGE_WORDS)
        and "max" not in key.lower()  # what was allowed is no usage
        and isinstance(value, str | int | float)
    }


def duplicates(engine: Engine, project_id: str, row: Json) -> list[Json]:
    """The calls that restate this one, of its trace and of others. Raises `StoreError`."""
    answer = engine.query(
        _DUPLICATES,
        {
            "project": project_id,
            "trace": row["trace_id"].hex(),
            "span": row["span_id"].hex(),
            "from": row["start_ns"] - _REACH_NS,
            "to": row["start_ns"] + _REACH_NS,
            "most": _MOST,
        },
    )
    found = [dict(zip(answer.columns, values, strict=True)) for values in answer.rows]
    return [
        {
            "id": shapes.call_id(one["trace_id"], one["span_id"]),
            "start_time": rfc3339(one["start_ns"]),
            "dialect": one["dialect"],
            "provider": one["provider"] or None,
            "operation": one["operation"] or None,
            "response_id": one["response_id"] or None,
            "input_tokens": one["input_tokens"],
            "output_tokens": one["output_tokens"],
        }
        for one in found
    ]
