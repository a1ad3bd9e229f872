"""A project and a data mode that is not real in; its calls, their spans and what was said in them deleted, and how many calls those were, out."""

from collections.abc import Sequence

from farthing.store.telemetry.engine import Engine

MODES = ("test", "demo")
TIMEOUT_S = 120

_WHICH = "project_id = {project:String} AND data_mode = {mode:String} AND ({key:String} = '' OR key_id = {key:String})"
_KEYS = f"(start_time, trace_id, span_id) IN (SELECT start_time, trace_id, span_id FROM calls FINAL WHERE {_WHICH})"
_SPANS = f"(trace_id, span_id) IN (SELECT trace_id, span_id FROM calls FINAL WHERE {_WHICH})"


def wipe(engine: Engine, project_id: str, mode: str, key_id: str = "") -> int:
    """With `key_id` only what was sent with that key. May be repeated after a crash. Raises `StoreError`."""
    if mode not in MODES:
        msg = f"{mode!r} calls are not deleted"
        raise ValueError(msg)
    asked = {"project": project_id, "mode": mode, "key": key_id}
    count = int(engine.query(f"SELECT count() FROM calls FINAL WHERE {_WHICH}", asked, timeout_s=TIMEOUT_S).rows[0][0])
    if count:
        engine.command(f"DELETE FROM contents WHERE project_id = {{project:String}} AND {_SPANS}", asked)
        # Spans first: it is by the calls that they are found.
        for table in ("spans", "calls"):
            engine.command(f"DELETE FROM {table} WHERE project_id = {{project:String}} AND {_KEYS}", asked)
    return count


_HELD = ("scores", "contents", "fragments", "spans")
"""Spans last: by them it is known that there is something to delete."""


def wipe_traces(engine: Engine, project_id: str, traces: Sequence[bytes]) -> None:
    """All that was received of these traces; their calls stay, for what was spent was spent. Raises `StoreError`."""
    asked = {"project": project_id, "traces": [one.hex() for one in traces]}
    for table in _HELD:
        engine.command(
            f"DELETE FROM {table} WHERE project_id = {{project:String}}"
            " AND trace_id IN (SELECT toFixedString(unhex(arrayJoin({traces:Array(String)})), 16))",
            asked,
        )
