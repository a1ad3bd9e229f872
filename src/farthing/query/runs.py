"""Runs of experiments asked for; each one's cases with what they cost, took and scored, out.

What the evaluators of a case cost stands apart from what the case itself cost (`case_calls.py`).
"""

from collections.abc import Mapping, Sequence
from math import isnan

import msgspec

from farthing.model.run import Outcome, RunItem
from farthing.query import case_columns
from farthing.query.case_calls import Spent
from farthing.query.case_columns import Columns, Told
from farthing.store.telemetry import run_rows
from farthing.store.telemetry.engine import Engine

MOST_CASES = 200_000
"""Of all runs asked for together."""

TIMEOUT_S = 60


class Scored(msgspec.Struct, frozen=True, gc=False):
    """A case's score of one name: a number, or a label, or both."""

    value: float | None
    label: str


class Case(msgspec.Struct, frozen=True, gc=False):
    """How one item did in one run."""

    item: RunItem
    outcome: Outcome
    error: str
    started_ns: int
    latency_ns: int | None
    """None: it is not over, or nobody told."""
    spent: Spent
    evaluators: Spent
    """What judging it used."""
    scores: Mapping[str, Scored]


def items(
    engine: Engine, project_id: str, run_ids: Sequence[str], after: str = "", limit: int = MOST_CASES
) -> list[RunItem]:
    """The latest case of each item of these runs, in order of run and item; of those behind an item's id. Raises `StoreError`.

    A run nobody knows has no cases.
    """
    # A span that only carries an experiment's attributes into another trace is no case beside one that is.
    rows = engine.query(
        f"SELECT {run_rows.COLUMNS} FROM run_items WHERE project_id = {{project:String}} AND run_id IN {{runs:Array(String)}}"
        f" AND item_id > {{after:String}} GROUP BY {run_rows.KEY}"
        " ORDER BY run_id, item_id, is_whole DESC, started DESC, trace_id LIMIT 1 BY run_id, item_id LIMIT {most:UInt32}",
        {"project": project_id, "runs": list(run_ids), "after": after, "most": limit},
        timeout_s=TIMEOUT_S,
    ).rows
    return [run_rows.item(row) for row in rows]


def of_items(engine: Engine, project_id: str, told: Sequence[RunItem]) -> list[Case]:
    """How these items of runs did. Raises `StoreError`."""
    found = case_columns.read(engine, project_id, Told.of(told))
    scores = _by_case(found, len(told))
    return [_case(one, found, at, scores[at]) for at, one in enumerate(told)]


def _case(one: RunItem, found: Columns, at: int, scores: Mapping[str, Scored]) -> Case:
    latency = int(found.latency_ns[at])
    return Case(
        one,
        Outcome.UNKNOWN if not found.outcome[at] else run_rows.OUTCOMES[int(found.outcome[at])],
        found.errors[at],
        int(found.started_ns[at]),
        None if latency < 0 else latency,
        found.own.of(at),
        found.judges.of(at),
        scores,
    )


def _by_case(found: Columns, count: int) -> list[dict[str, Scored]]:
    made: list[dict[str, Scored]] = [{} for _ in range(count)]
    told = found.scores
    cases: list[int] = told.case.tolist()
    for at, case in enumerate(cases):
        value = float(told.values[at])
        made[case][told.names.text(at)] = Scored(None if isnan(value) else value, told.labels.text(at))
    return made
