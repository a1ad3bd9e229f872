"""Runs asked for by their ids; the same with their cases, as comparisons need them, out."""

from collections.abc import Mapping, Sequence

from farthing.datasets.runs import Run as Known
from farthing.experiments.case import Case, Run, Value
from farthing.model.run import NO_SPAN, NO_TRACE, Outcome
from farthing.query import run_evaluators, runs
from farthing.query.moments import rfc3339
from farthing.query.runs import Scored
from farthing.store.telemetry.engine import Engine

_YES_NO = {"True": True, "False": False}
"""How a score of yes and no is kept."""
_MS = 1_000_000
_MOST = 1e100
"""Sums of larger numbers, and of squares and cubes of them, are none."""


def with_cases(engine: Engine, project_id: str, known: Sequence[Known], *, judges: bool = False) -> list[Run]:
    """The runs, in the order given, each item once; with `judges` also who gave their scores. Raises `StoreError`."""
    ids = [run.id for run in known]
    cases = runs.cases(engine, project_id, ids)
    told = run_evaluators.of_runs(engine, project_id, ids) if judges else {}
    return [_run(run, cases.get(run.id, []), told.get(run.id, {})) for run in known]


def _run(known: Known, cases: Sequence[runs.Case], judges: dict[str, frozenset[str]]) -> Run:
    judging = [case.evaluators for case in cases if case.evaluators.calls]
    whole = all(one.cost is not None for one in judging)
    return Run(
        id=known.id,
        name=known.name,
        cases=[case_of(case) for case in cases],
        dataset_id=known.dataset_id,
        dataset_version="" if known.version_ms is None else rfc3339(known.version_ms * _MS),
        evaluators=judges,
        evaluation_cost=sum(one.cost or 0 for one in judging) if judging and whole else None,
    )


def case_of(case: runs.Case) -> Case:
    """A case as it is kept, as comparisons need it."""
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
    """A text is neither a number nor one of some labels: nothing can be reckoned with it."""
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
