"""Runs of experiments asked for; which versions of which evaluators gave each of their scores, out."""

from collections.abc import Sequence

from farthing.store.telemetry.engine import Engine

FIELD = "evaluator"
"""Of a score's metadata."""
TIMEOUT_S = 60

_OF_RUNS = f"""
SELECT run_id, name, groupUniqArray(20)(evaluator)
FROM (
    SELECT trace_id, name, JSONExtractString(metadata, '{FIELD}') AS evaluator
    FROM scores FINAL
    WHERE project_id = {{project:String}} AND metadata != '' AND trace_id IN (
        SELECT trace_id FROM run_items WHERE project_id = {{project:String}} AND run_id IN {{runs:Array(String)}}
    )
) AS told
INNER JOIN (
    SELECT DISTINCT run_id, trace_id FROM run_items
    WHERE project_id = {{project:String}} AND run_id IN {{runs:Array(String)}}
) AS cases USING (trace_id)
WHERE evaluator != ''
GROUP BY run_id, name
"""


def of_runs(engine: Engine, project_id: str, run_ids: Sequence[str]) -> dict[str, dict[str, frozenset[str]]]:
    """Run → score → what gave it, where that was told. Raises `StoreError`."""
    found: dict[str, dict[str, frozenset[str]]] = {}
    told = {"project": project_id, "runs": list(run_ids)}
    for run_id, name, judges in engine.query(_OF_RUNS, told, timeout_s=TIMEOUT_S).rows:
        found.setdefault(run_id, {})[name] = frozenset(judges)
    return found
