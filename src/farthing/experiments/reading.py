"""Runs asked for by their ids; their cases column by column, as comparisons and summaries need them, out."""

from collections.abc import Mapping, Sequence

import numpy as np

from farthing.datasets.runs import Run as Known
from farthing.experiments.case import Case, Run, Value
from farthing.experiments.table import UNKNOWN, Flags, Given, Ints, Table
from farthing.model.run import NO_SPAN, NO_TRACE, Outcome
from farthing.query import arrays, case_columns, runs
from farthing.query.case_calls import Used
from farthing.query.case_columns import Columns
from farthing.query.case_scores import Scores
from farthing.query.moments import rfc3339
from farthing.query.runs import Scored
from farthing.store.telemetry import run_rows
from farthing.store.telemetry.engine import Engine

_YES_NO = {"True": True, "False": False}
"""How a score of yes and no is kept."""
_MS = 1_000_000
_MOST = 1e100
"""Sums of larger numbers, and of squares and cubes of them, are none."""


def with_cases(engine: Engine, project_id: str, known: Sequence[Known], *, judges: bool = False) -> Table:
    """The runs, in the order given, each item once; with `judges` also who gave their scores.

    Raises `BadRequestError` for more cases than can be read, `StoreError`.
    """
    found = case_columns.of_runs(engine, project_id, [run.id for run in known], evaluators=judges)
    numbers = {run.id: at for at, run in enumerate(known)}
    # A dictionary of the engine's has entries that no row uses.
    run = np.array([numbers.get(one, 0) for one in found.told.runs], np.int64)[found.told.run]
    failed = run_rows.CODES[Outcome.ERROR]
    told = found.errors
    return Table(
        [_run(one, found, run == at) for at, one in enumerate(known)],
        run,
        found.told.items,
        _costs(found.own),
        np.where(found.latency_ns < 0, UNKNOWN, np.rint(found.latency_ns / _MS).astype(np.int64)),
        found.own.input_tokens,
        found.own.output_tokens,
        [
            error or ("error" if code == failed else "")
            for error, code in zip(told, found.outcome.tolist(), strict=True)
        ],
        arrays.listed(found.told.traces),
        arrays.listed(found.told.spans),
        _given(found.scores),
    )


def _run(known: Known, found: Columns, mine: Flags) -> Run:
    judging = np.flatnonzero(mine & (found.judges.calls > 0))
    whole = judging.size > 0 and not found.judges.unpriced[judging].any()
    return Run(
        id=known.id,
        name=known.name,
        dataset_id=known.dataset_id,
        dataset_version="" if known.version_ms is None else rfc3339(known.version_ms * _MS),
        evaluators=_evaluators(found.scores, mine),
        evaluation_cost=sum(found.judges.known[at] for at in judging.tolist()) if whole else None,
    )


def _evaluators(scores: Scores, mine: Flags) -> dict[str, frozenset[str]]:
    """Score to what gave it, where that was told."""
    count = max(len(scores.evaluators.texts), 1)
    pairs: list[int] = np.unique((scores.names.codes * count + scores.evaluators.codes)[mine[scores.case]]).tolist()
    found: dict[str, set[str]] = {}
    for name, judge in (divmod(pair, count) for pair in pairs):
        if scores.evaluators.texts[judge]:
            found.setdefault(scores.names.texts[name], set()).add(scores.evaluators.texts[judge])
    return {name: frozenset(judges) for name, judges in found.items()}


def _costs(used: Used) -> list[int | None]:
    """What isn't known of every call isn't known."""
    known = (used.calls > 0) & (used.unpriced == 0)
    return [cost if is_known else None for cost, is_known in zip(used.known, known.tolist(), strict=True)]


def _given(scores: Scores) -> list[Given]:
    values, labels = scores.values, scores.labels.codes
    yes_no = np.zeros(values.size, np.bool_)
    for label, value in _YES_NO.items():
        yes_no |= (labels == scores.labels.code(label)) & (values == value)
    held = np.where(np.isnan(values), labels != scores.labels.code(""), np.abs(values) < _MOST)
    found: list[Given] = []
    for name in sorted(scores.names.texts):
        at = np.flatnonzero(held & (scores.names.codes == scores.names.code(name)))
        if at.size:
            words = _words(scores, at)
            found.append(Given(name, scores.case[at], values[at], yes_no[at], words))
    return found


def _words(scores: Scores, at: Ints) -> list[str]:
    """The labels of scores that are no numbers."""
    numbers = ~np.isnan(scores.values[at])
    texts = scores.labels.texts
    return [
        "" if number else texts[code]
        for number, code in zip(numbers.tolist(), scores.labels.codes[at].tolist(), strict=True)
    ]


def case_of(case: runs.Case) -> Case:
    """A case as it is kept, as it is shown."""
    return Case(
        item_id=case.item.item_id,
        scores=_values(case.scores),
        cost=case.spent.cost,
        latency_ms=None if case.latency_ns is None else round(case.latency_ns / _MS),
        input_tokens=case.spent.input_tokens,
        output_tokens=case.spent.output_tokens,
        error=case.error or ("error" if case.outcome is Outcome.ERROR else ""),
        trace_id="" if case.item.trace_id == NO_TRACE else case.item.trace_id.hex(),
        span_id="" if case.item.span_id == NO_SPAN else case.item.span_id.hex(),
    )


def _values(told: Mapping[str, Scored]) -> dict[str, Value]:
    found: dict[str, Value] = {}
    for name, one in told.items():
        label, value = one.label, one.value
        if value is None:
            if label:
                found[name] = label
        elif label in _YES_NO and value == _YES_NO[label]:
            found[name] = _YES_NO[label]
        elif abs(value) < _MOST:
            found[name] = value
    return found
