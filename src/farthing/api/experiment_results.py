"""Results of an experiment, posted in batches that may be sent again, in; kept durably with their scores; and what a run has, out."""

import asyncio
import hashlib
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Any

import msgspec
from fastapi import Depends, Query, Request
from pydantic import AfterValidator, AwareDatetime, Field

from farthing.access.identity import Identity
from farthing.api import experiment_shown as shown
from farthing.api.experiment_asked import CURSOR
from farthing.api.experiment_schemas import ResultsKept, ResultsShown
from farthing.api.identity import Guard, project_of
from farthing.api.model import Model
from farthing.api.problems import documented
from farthing.api.routes import Routes
from farthing.datasets.book import Datasets
from farthing.datasets.runs import Runs
from farthing.errors import BadRequestError
from farthing.experiments.reading import case_of
from farthing.model.run import NO_SPAN, Outcome, RunItem, run_id_of
from farthing.model.score import Score
from farthing.privacy.taking import without_secrets
from farthing.query import cursors
from farthing.query import runs as run_cases
from farthing.query.case_scores import EVALUATOR
from farthing.query.score_posting import Posted, score_of
from farthing.scoring import Scoring
from farthing.store.telemetry.engine import Engine

MOST_RESULTS = 500
MOST_SCORES = 50
MOST_OUTPUT = 64 * 1024
_EARLIEST, _LATEST = 2010, 2200
_MS = 10**6


def _within(moment: datetime) -> datetime:
    if not _EARLIEST <= moment.year < _LATEST:
        msg = f"it must be between {_EARLIEST} and {_LATEST}"
        raise ValueError(msg)
    return moment


Moment = Annotated[AwareDatetime, AfterValidator(_within)]


class ScorePosted(Model):
    """What an evaluator said."""

    name: str = Field(min_length=1, max_length=256)
    value: bool | float | str = Field(description="Yes or no, a number, or a label.", union_mode="smart")
    comment: str = Field("", max_length=4096)
    evaluator: str = Field("", max_length=256, description="What said so, with its version: name@version.")


class ResultPosted(Model):
    """What became of one item."""

    item_id: str = Field(min_length=1, max_length=255)
    item_version: Moment | None = Field(None, description="Of when the item is that was tried.")
    trace_id: str = Field(
        pattern="^[0-9a-f]{32}$", description="The trace that was made for it; its calls belong to it."
    )
    span_id: str | None = Field(None, pattern="^[0-9a-f]{16}$")
    started_at: Moment
    latency_ms: float = Field(ge=0, le=31 * 86_400_000)
    error: str | None = Field(None, max_length=4000, description="null: it went well.")
    output: Any = Field(None, description="Kept, without secrets, if the key keeps content; at most 64 KiB of JSON.")
    scores: list[ScorePosted] = Field(default_factory=list[ScorePosted], max_length=MOST_SCORES)


class RunPosted(Model):
    """Which run it is. The run of this name on this dataset is made unless it is there."""

    name: str = Field(min_length=1, max_length=1000)
    dataset_id: str = Field("", max_length=1000, description="Or its name; '': they are in no dataset of the server's.")
    dataset_version: Moment | None = Field(None, description="Of when the dataset is.")
    description: str | None = Field(None, max_length=4000)
    metadata: dict[str, Any] | None = None
    evaluators: dict[str, str] = Field(
        default_factory=dict[str, str], description="Name to version of those that judge."
    )


class ResultsPosted(Model):
    """A batch. The same item and trace again replaces what was told of them."""

    run: RunPosted
    results: list[ResultPosted] = Field(max_length=MOST_RESULTS)


class ResultsAsked(Model):
    """Whose results are wanted."""

    name: str = Field(min_length=1, max_length=1000, description="The run's.")
    dataset_id: str = Field("", max_length=1000, description="Or its name.")
    limit: int = Field(1000, ge=1, le=10_000)
    cursor: str | None = Field(None, description=CURSOR)


def router(
    runs: Runs, datasets: Datasets, scoring: Scoring, engine: Engine, *, may_read: Guard, may_send: Guard
) -> Routes:
    """The routes; who has the scope ingest may post."""
    routes = Routes(
        prefix="/api/v1/experiments", tags=["experiments"], responses=documented(400, 401, 403, 404, 413, 422, 503)
    )

    @routes.post("/results", summary="Keep results of an experiment", dependencies=[Depends(may_send)])
    async def post(posted: ResultsPosted, request: Request) -> ResultsKept:
        project = project_of(request)
        now = time.time_ns()
        scores = [score for one in posted.results for score in _scores(one, now)]
        told = posted.run
        dataset_id = await asyncio.to_thread(_dataset, datasets, project, told.dataset_id)
        cases = _cases(request.state.identity, posted, dataset_id)
        run_id = await asyncio.to_thread(
            runs.start, project, dataset_id, told.name,
            description=told.description, metadata=told.metadata, version_ms=_ms(told.dataset_version),
        )  # fmt: skip
        # The scores first: a case whose post broke off in between is told of again, as one that isn't done.
        await scoring.keep(project, scores)
        if cases:
            await asyncio.to_thread(runs.keep, project, cases)
        return ResultsKept(run_id=run_id, kept=len(cases))

    @routes.get("/results", summary="What a run has, item by item", dependencies=[Depends(may_read)])
    def shown_results(request: Request, asked: Annotated[ResultsAsked, Query()]) -> ResultsShown:
        project = project_of(request)
        run_id = run_id_of(project, _dataset(datasets, project, asked.dataset_id), asked.name)
        after = cursors.unpack(asked.cursor, cursors.TEXT)
        told = run_cases.items(engine, project, [run_id], after[0] if after else "", asked.limit + 1)
        page = run_cases.of_items(engine, project, told[: asked.limit])
        more = len(told) > asked.limit
        return ResultsShown(
            data=[shown.result(case_of(one), one.started_ns) for one in page],
            next_cursor=cursors.pack([page[-1].item.item_id]) if more else None,
        )

    return routes


def _dataset(datasets: Datasets, project: str, told: str) -> str:
    """Its id. Raises `NotFoundError`."""
    return datasets.get(project, told).id if told else ""


def _cases(sender: Identity, posted: ResultsPosted, dataset_id: str) -> list[RunItem]:
    run = posted.run
    run_id = run_id_of(sender.project_id, dataset_id, run.name)
    return [
        RunItem(
            run_id,
            one.item_id,
            bytes.fromhex(one.trace_id),
            dataset_id,
            run.name,
            item_version_ns=0 if one.item_version is None else _ns(one.item_version),
            span_id=bytes.fromhex(one.span_id) if one.span_id else NO_SPAN,
            started_ns=_ns(one.started_at),
            ended_ns=_ns(one.started_at) + max(1, round(one.latency_ms * _MS)),
            outcome=Outcome.ERROR if one.error else Outcome.OK,
            error=str(without_secrets(one.error or "")),
            output=_output(one) if sender.keeps_content else "",
            whole=True,
        )
        for one in posted.results
    ]


def _output(one: ResultPosted) -> str:
    if one.output is None:
        return ""
    said = msgspec.json.encode(without_secrets(one.output)).decode()
    if len(said) > MOST_OUTPUT:
        msg = f"output of item {one.item_id[:80]!r}: at most {MOST_OUTPUT // 1024} KiB of JSON."
        raise BadRequestError(msg)
    return said


def _scores(one: ResultPosted, now_ns: int) -> Sequence[Score]:
    at = _ns(one.started_at) + round(one.latency_ms * _MS)
    return [
        score_of(
            Posted(
                score.name,
                score.value,
                _score_id(one, score.name),
                at,
                now_ns,
                trace=one.trace_id,
                trace_id=bytes.fromhex(one.trace_id),
                comment=without_secrets(score.comment),
                metadata={EVALUATOR: score.evaluator} if score.evaluator else None,
                origin="EVAL",
            )
        )
        for score in one.scores
    ]


def _score_id(one: ResultPosted, name: str) -> str:
    """The same whenever it is posted."""
    return hashlib.blake2b(f"{one.trace_id}/{name}".encode(), digest_size=16).hexdigest()


def _ns(moment: datetime) -> int:
    since = moment - datetime(1970, 1, 1, tzinfo=UTC)
    return ((since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds) * 1000


def _ms(moment: datetime | None) -> int | None:
    return None if moment is None else _ns(moment) // _MS
