"""Comparisons and summaries of runs in; the same in the words of the API, money as exact decimal strings, out."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from farthing.api import experiment_schemas as schemas
from farthing.datasets.dataset import Item
from farthing.datasets.runs import Run as Known
from farthing.experiments.case import Case, Run
from farthing.experiments.spent import Spent
from farthing.experiments.summary import RunSummary
from farthing.model import money
from farthing.model.span import Value
from farthing.query import cursors
from farthing.query.moments import rfc3339

if TYPE_CHECKING:
    # numpy takes its time to be imported: only who compares should wait for it.
    from farthing.experiments.agreement import Agreement
    from farthing.experiments.choosing import Choice
    from farthing.experiments.compare import Asked, Comparison, Score
    from farthing.experiments.differing import Difference
    from farthing.experiments.grid import Page, Row

_NS_OF_MS = 1_000_000


def listed(known: Known, summary: RunSummary | None, run: Run | None) -> schemas.ExperimentListed:
    """A run in a list."""
    told = None
    if summary is not None and run is not None:
        scores = [
            schemas.ScoreOfRun(
                name=one.name,
                kind=one.kind,
                count=one.count,
                mean=one.mean,
                low=one.low,
                high=one.high,
                labels=one.labels,
            )
            for one in summary.scores
        ]
        told = schemas.ExperimentSummary(**_took(summary.spent, run.evaluation_cost), scores=scores)
    return schemas.ExperimentListed(**_run(known), errors=known.errors, summary=told)


def comparison(
    known: Sequence[Known], runs: Sequence[Run], found: "Comparison", asked: "Asked"
) -> schemas.ExperimentComparison:
    """Runs beside each other."""
    return schemas.ExperimentComparison(
        base=found.base,
        items=found.items,
        confidence=asked.confidence,
        resamples=found.resamples,
        runs=[
            schemas.ComparedRun(
                **_run(one),
                **_took(took, run.evaluation_cost),
                is_base=one.id == found.base,
                paired_cost_cases=change.pairs,
                cost_change_usd=_usd(change.difference),
            )
            for one, run, took, change in zip(known, runs, found.spent, found.cost_changes, strict=True)
        ],
        scores=[_score(one) for one in found.scores],
        choice=_choice(found.choice),
        warnings=[
            schemas.ComparisonWarning(code=one.code, text=one.text, run_id=one.run_id or None, score=one.score or None)
            for one in found.warnings
        ],
    )


class Texts(msgspec.Struct, frozen=True):
    """What items are, by their ids, and what was answered, by run and item."""

    items: Mapping[str, Item] = {}
    answers: Mapping[tuple[str, str], Value] = {}


def items(runs: Sequence[Run], page: "Page", texts: Texts = Texts()) -> schemas.ComparedItems:  # noqa: B008 - it is frozen
    """A page of items."""
    last = page.rows[-1].key if page.more else None
    return schemas.ComparedItems(
        data=[
            schemas.ComparedItem(
                item_id=row.item_id,
                input=texts.items[row.item_id].input if row.item_id in texts.items else None,
                expected_output=texts.items[row.item_id].expected if row.item_id in texts.items else None,
                runs={run.id: _cell(row, at, texts.answers.get((run.id, row.item_id))) for at, run in enumerate(runs)},
            )
            for row in page.rows
        ],
        total=page.total,
        next_cursor=None if last is None else cursors.pack([repr(last[0]), last[1]]),
    )


def result(case: Case, started_ns: int) -> schemas.ResultShown:
    """One item of one run."""
    return schemas.ResultShown(
        item_id=case.item_id,
        trace_id=case.trace_id or None,
        started_at=rfc3339(started_ns) if started_ns else None,
        error=case.error or None,
        scores=dict(case.scores),
        cost_usd=_usd(case.cost),
        latency_ms=case.latency_ms,
    )


def _run(run: Known) -> dict[str, Any]:
    return {
        "id": run.id,
        "name": run.name,
        "dataset_id": run.dataset_id,
        "dataset_version": None if run.version_ms is None else rfc3339(run.version_ms * _NS_OF_MS),
        "description": run.description,
        "metadata": run.metadata,
        "created_at": rfc3339(run.created_ns),
        "updated_at": rfc3339(run.updated_ns),
        "items": run.items,
    }


def _took(took: Spent, evaluation: int | None) -> dict[str, Any]:
    return {
        "cases": took.cases,
        "errors": took.errors,
        "cost_usd": _usd(took.cost),
        "cost_per_case_usd": _usd(took.cost_per_case),
        "unknown_cost_cases": took.unknown_costs,
        "input_tokens": took.input_tokens,
        "output_tokens": took.output_tokens,
        "unknown_token_cases": took.unknown_tokens,
        "latency_p50_ms": took.latency_p50_ms,
        "latency_p95_ms": took.latency_p95_ms,
        "evaluation_cost_usd": _usd(evaluation),
    }


def _score(one: "Score") -> schemas.ComparedScore:
    return schemas.ComparedScore(
        name=one.name,
        kind=one.kind,
        lower_is_better=one.lower_is_better,
        runs={
            run.run_id: schemas.ScoreOfRun(
                name=one.name, kind=one.kind, count=run.count, mean=run.mean, low=run.low, high=run.high, labels=run.labels
            )
            for run in one.runs
        },
        differences=[_difference(two) for two in one.differences],
        agreements=[_agreement(two) for two in one.agreements],
        front=[
            schemas.FrontPoint(
                run_id=point.run_id, quality=point.quality, cost_per_case_usd=_usd(point.cost_per_case),
                on_front=point.on_front,
            )
            for point in one.front
        ],
    )  # fmt: skip


def _difference(one: "Difference") -> schemas.ScoreDifference:
    gaps = one.missing
    return schemas.ScoreDifference(
        run_id=one.run_id,
        pairs=one.pairs,
        mean=one.mean,
        low=one.low,
        high=one.high,
        wins=one.wins,
        losses=one.losses,
        ties=one.ties,
        missing=schemas.MissingCases(total=gaps.all, absent=gaps.absent, failed=gaps.failed, unscored=gaps.unscored),
        only_here=one.only_here,
        test=one.test,
        p_value=one.p_value,
        p_adjusted=one.p_adjusted,
        verdict=one.verdict,
        regressions=[
            schemas.RegressedItem(item_id=item.item_id, base=item.base, value=item.other) for item in one.regressions
        ],
    )


def _agreement(one: "Agreement") -> schemas.LabelAgreement:
    return schemas.LabelAgreement(
        run_id=one.run_id, pairs=one.pairs, same=one.same, kappa=one.kappa, changed=list(one.changed)
    )


def _choice(one: "Choice") -> schemas.CheapestChoice:
    return schemas.CheapestChoice(
        run_id=one.run_id,
        delta=one.delta,
        scores=list(one.scores),
        wanted_confidence=one.wanted,
        runs=[
            schemas.GoodEnough(
                run_id=run.run_id, confidence=run.confidence, cost_per_case_usd=_usd(run.cost_per_case),
                accepted=run.accepted,
            )
            for run in one.runs
        ],
    )  # fmt: skip


def _cell(row: "Row", at: int, output: Value) -> schemas.ComparedCase | None:
    case = row.cases[at]
    if case is None:
        return None
    return schemas.ComparedCase(
        trace_id=case.trace_id or None,
        error=case.error or None,
        scores=dict(case.scores),
        changes=row.changes[at],
        cost_usd=_usd(case.cost),
        cost_change_usd=_usd(row.cost_changes[at]),
        latency_ms=case.latency_ms,
        input_tokens=case.input_tokens,
        output_tokens=case.output_tokens,
        output=output,
    )


def _usd(units: int | None) -> str | None:
    return None if units is None else money.to_text(units)
