"""GET requests for runs of experiments in; each with its scores and cost, and how several compare, out. Scope read."""

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

from fastapi import Depends, Query, Request

from farthing.api import experiment_results
from farthing.api import experiment_shown as shown
from farthing.api.experiment_asked import PLACE, CompareAsked, ItemsAsked, ListAsked, meant, parts
from farthing.api.experiment_schemas import ComparedItems, ExperimentComparison, ExperimentListed, Experiments
from farthing.api.identity import Guard, project_of
from farthing.api.problems import documented
from farthing.api.routes import Routes
from farthing.datasets.book import Datasets
from farthing.datasets.runs import Run, Runs
from farthing.errors import BadRequestError
from farthing.experiments.case import Run as CaseRun
from farthing.experiments.reading import with_cases
from farthing.experiments.summary import summarise
from farthing.pipeline import Pipeline
from farthing.query import cursors, run_outputs
from farthing.scoring import Scoring
from farthing.store.meta.database import Database
from farthing.store.telemetry.engine import Engine

if TYPE_CHECKING:
    # numpy takes its time to be imported: only who compares should wait for it.
    from farthing.experiments.grid import Row

MOST_SUMMED = 60_000
"""Cases of a page of runs that are summed up; runs beyond it are listed without."""


def routers(database: Database, engine: Engine, pipeline: Pipeline, may_read: Guard, may_send: Guard) -> list[Routes]:
    """All routes about experiments; `may_read` lets in keys with the scope read, `may_send` with the scope ingest."""
    runs, datasets = Runs(database, engine, time.time_ns), Datasets(database, time.time_ns)
    scoring = Scoring(engine, pipeline)
    return [
        _reading(runs, datasets, engine, may_read),
        experiment_results.router(runs, datasets, scoring, engine, may_read=may_read, may_send=may_send),
    ]


def _reading(runs: Runs, datasets: Datasets, engine: Engine, may_read: Guard) -> Routes:
    routes = Routes(
        prefix="/api/v1/experiments",
        tags=["experiments"],
        dependencies=[Depends(may_read)],
        responses=documented(400, 401, 403, 404, 422, 503),
    )

    @routes.get("", summary="Runs of experiments, the latest first, with their scores and what they cost")
    def list_runs(request: Request, asked: Annotated[ListAsked, Query()]) -> Experiments:
        project = project_of(request)
        known = runs.all(project) if asked.dataset_id is None else runs.of_dataset(project, asked.dataset_id)
        found = [run for run in known if asked.name is None or run.name == asked.name]
        page, following = _page(found, asked.limit, asked.cursor)
        return Experiments(data=_listed(engine, project, page), next_cursor=following)

    @routes.get(
        "/compare",
        summary="Runs beside each other: quality with how sure it is, beside cost",
        description=(
            "Differences and tests are of items that both runs have scored. A missing case is counted apart and isn't a pass:"
            " where a choice is made it is as bad as the worst seen."
        ),
    )
    def compared(request: Request, asked: Annotated[CompareAsked, Query()]) -> ExperimentComparison:
        # numpy takes its time to be imported: only who compares should wait for it.
        from farthing.experiments.compare import Asked, compare  # noqa: PLC0415

        project = project_of(request)
        known, base = meant(runs, project, asked)
        how = Asked(base, asked.delta, tuple(parts(asked.score)), asked.lower_is_better, asked.confidence)
        told = with_cases(engine, project, known, judges=True)
        return shown.comparison(known, told.runs, compare(told, how), how)

    @routes.get("/compare/items", summary="The items of runs beside each other, those that matter first")
    def items(request: Request, asked: Annotated[ItemsAsked, Query()]) -> ComparedItems:
        from farthing.experiments import grid  # noqa: PLC0415 - likewise

        if asked.below is not None and not asked.score:
            msg = "below: say of which score."
            raise BadRequestError(msg)
        project = project_of(request)
        known, base = meant(runs, project, asked)
        after = cursors.unpack(asked.cursor, PLACE, cursors.TEXT)
        wanted = grid.Wanted(
            base,
            grid.Only(asked.only),
            asked.score,
            asked.below,
            grid.Sort(asked.sort),
            asked.lower_is_better,
            (float(after[0]), after[1]) if after else None,
            asked.limit,
        )
        told = with_cases(engine, project, known)
        page = grid.page(told, wanted)
        if not asked.texts:
            return shown.items(told.runs, page)
        ground = next(run for run in known if run.id == base)
        return shown.items(told.runs, page, _texts(datasets, engine, project, ground, told.runs, page.rows))

    return routes


def _texts(
    datasets: Datasets, engine: Engine, project: str, base: Run, runs: Sequence[CaseRun], rows: "Sequence[Row]"
) -> shown.Texts:
    cases = [(run, case) for row in rows for run, case in zip(runs, row.cases, strict=True) if case is not None]
    answered = [run_outputs.Answered(run.id, case.item_id, case.trace_id, case.span_id) for run, case in cases]
    items = datasets.items_of(project, [row.item_id for row in rows], base.version_ms) if base.dataset_id else {}
    return shown.Texts(items, run_outputs.of_cases(engine, project, answered))


def _page(found: Sequence[Run], limit: int, cursor: str | None) -> tuple[Sequence[Run], str | None]:
    """Runs come the latest first; those behind the cursor."""
    after = cursors.unpack(cursor, cursors.WHOLE, cursors.TEXT)
    if after is not None:
        found = [run for run in found if (run.created_ns, run.id) < (int(after[0]), after[1])]
    page = found[:limit]
    return page, cursors.pack([str(page[-1].created_ns), page[-1].id]) if len(found) > limit else None


def _listed(engine: Engine, project: str, page: Sequence[Run]) -> list[ExperimentListed]:
    left = MOST_SUMMED
    summed: list[Run] = []
    for run in page:
        left -= run.items
        if left >= 0 and run.items:
            summed.append(run)
    if not summed:
        return [shown.listed(run, None, None) for run in page]
    table = with_cases(engine, project, summed)
    told = {run.id: (summary, run) for run, summary in zip(table.runs, summarise(table), strict=True)}
    return [shown.listed(run, *told.get(run.id, (None, None))) for run in page]
