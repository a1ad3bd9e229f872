"""Rows of calls in; those whose reported usage contradicts itself counted in the metrics, each call once for each flag."""

from typing import Any, cast

import pyarrow as pa
from pyarrow import compute

from farthing import vitals
from farthing.store.telemetry.engine import Engine

_KNOWN = """
SELECT trace_id, span_id, usage_flags FROM calls FINAL
WHERE project_id = {project:String} AND start_time IN (SELECT fromUnixTimestamp64Nano(arrayJoin({starts:Array(Int64)}), 'UTC'))
  AND trace_id IN (SELECT toFixedString(unhex(arrayJoin({traces:Array(String)})), 16))
"""

_COLUMNS = ("trace_id", "span_id", "usage_flags")


Flagged = dict[tuple[bytes, bytes], set[str]]
"""What each call is flagged for, by trace and span."""

_arrow: Any = compute


def of(rows: pa.Table) -> Flagged:
    """What these owners of tokens are flagged for."""
    lengths = _arrow.list_value_length(rows.column("usage_flags"))
    # Of most tables nothing is flagged, and that is known at once.
    if not _arrow.max(lengths).as_py():
        return {}
    mask = _arrow.and_(_arrow.greater(lengths, 0), rows.column("is_owner"))
    held = rows.select(_COLUMNS).filter(mask).to_pydict()
    return {
        (cast("bytes", trace), cast("bytes", span)): set(cast("list[str]", told))
        for trace, span, told in zip(*(held[name] for name in _COLUMNS), strict=True)
    }


def new(engine: Engine, project_id: str, rows: pa.Table) -> Flagged:
    """What these calls are flagged for and weren't when they were settled before. Raises `StoreError`.

    To be asked before the rows are written.
    """
    flagged = of(rows)
    if not flagged:
        return {}
    starts: list[int] = _arrow.cast(rows.column("start_time"), pa.int64()).to_pylist()
    traces = sorted({trace.hex() for trace, _ in flagged})
    known = engine.query(_KNOWN, {"project": project_id, "starts": starts, "traces": traces}).rows
    before = {(trace, span): set(flags) for trace, span, flags in known}
    return {key: flags - before.get(key, set()) for key, flags in flagged.items()}


def count(flagged: Flagged) -> None:
    """Count them, once they are written."""
    for flags in flagged.values():
        for flag in flags:
            vitals.USAGE_CONTRADICTIONS.labels(flag).inc()
