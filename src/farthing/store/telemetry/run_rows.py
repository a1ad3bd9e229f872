"""Cases of experiments in, rows of the `run_items` table out as Arrow; and the cases of runs back out of it."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from farthing.model.run import Outcome, RunItem
from farthing.store.telemetry.texts import as_text

if TYPE_CHECKING:
    from farthing.store.telemetry.engine import Engine

NAME = "run_items"

CODES = {Outcome.UNKNOWN: 0, Outcome.OK: 1, Outcome.ERROR: 2}
OUTCOMES = {code: outcome for outcome, code in CODES.items()}
_TEXTS = (
    "dataset_id", "run_id", "item_id", "run_name", "description", "metadata", "trace", "observation", "error", "output",
)  # fmt: skip


def table(project_id: str, items: Sequence[RunItem]) -> pa.Table:
    """Rows of one project, without the commit that keeps them (see `span_rows.numbered`)."""
    columns: dict[str, Any] = {"project_id": pa.array([project_id] * len(items), pa.string())}
    for name in _TEXTS:
        columns[name] = pa.array([as_text(getattr(item, name)) for item in items], pa.string())
    columns["trace_id"] = pa.array([item.trace_id for item in items], pa.binary(16))
    columns["span_id"] = pa.array([item.span_id for item in items], pa.binary(8))
    columns["item_version"] = _moments([item.item_version_ns for item in items])
    columns["told"] = _moments([item.started_ns for item in items])
    columns["began"] = _moments([item.started_ns if item.ended_ns else 0 for item in items])
    columns["ended"] = _moments([item.ended_ns for item in items])
    columns["outcome"] = pa.array([CODES[item.outcome] for item in items], pa.uint8())
    columns["whole"] = pa.array([int(item.whole) for item in items], pa.uint8())
    return pa.table(columns)


def _moments(told_ns: Sequence[int]) -> Any:
    return pa.array([one or None for one in told_ns], pa.int64()).cast(pa.timestamp("ns", tz="UTC"))


def keep(engine: "Engine", project_id: str, items: Sequence[RunItem], commit: int) -> None:
    """Write cases that no spans told, and return when they are durable. Raises `StoreError`."""
    if items:
        rows = table(project_id, items)
        engine.insert(NAME, rows.append_column("commit", pa.array([commit] * rows.num_rows, pa.uint64())))


def forget(engine: "Engine", project_id: str, dataset_id: str, run_id: str) -> None:
    """Delete the cases of a run; its traces stay. Raises `StoreError`."""
    engine.command(
        f"DELETE FROM {NAME} WHERE project_id = {{project:String}} AND dataset_id = {{dataset:String}}"
        " AND run_id = {run:String}",
        {"project": project_id, "dataset": dataset_id, "run": run_id},
    )


KEY = "dataset_id, run_id, item_id, trace_id"
COLUMNS = (
    f"{KEY}, max(run_name), max(description), max(metadata),"
    " ifNull(toUnixTimestamp64Nano(max(item_version)), 0), max(trace),"
    " max(span_id), max(observation),"
    " ifNull(toUnixTimestamp64Nano(ifNull(min(began), min(told))), 0) AS started,"
    " ifNull(toUnixTimestamp64Nano(max(ended)), 0), max(outcome), max(error), max(whole) AS is_whole"
)
"""What `item` makes a case of, grouped by `KEY`."""


def item(row: tuple[Any, ...]) -> RunItem:
    """A case from its `COLUMNS`, without its output."""
    dataset, run_id, item_id, trace_id, name, description, metadata, version, trace, span_id, observation = row[:11]
    started, ended, outcome, error, whole = row[11:16]
    return RunItem(
        run_id,
        item_id,
        trace_id,
        dataset,
        name,
        description,
        metadata,
        version,
        trace,
        span_id,
        observation,
        started,
        ended,
        OUTCOMES[outcome],
        error,
        whole=bool(whole),
    )
