"""Scores in, checked already; kept durably, each id once, out; and scores deleted."""

import asyncio
from collections import Counter
from collections.abc import Sequence

import msgspec

from farthing.errors import NotFoundError
from farthing.model.score import Score
from farthing.pipeline import Pipeline
from farthing.prepare import Prepared
from farthing.store.telemetry import score_rows, span_rows
from farthing.store.telemetry.engine import Engine


class Scoring:
    """Keeps scores that are told by themselves. Used within one event loop."""

    def __init__(self, engine: Engine, pipeline: Pipeline) -> None:
        """Both are running."""
        self._engine = engine
        self._pipeline = pipeline
        self._one_at_a_time = asyncio.Lock()

    async def keep(self, project_id: str, scores: Sequence[Score]) -> None:
        """Returns when they are durable. One whose id is known replaces that one. Raises `BusyError`, `StoreError`."""
        if not scores:
            return
        last = {score.id or score_rows.digest(score).hex(): score for score in scores}
        async with self._one_at_a_time:
            known = await asyncio.to_thread(
                score_rows.by_ids, self._engine, project_id, [one.id for one in last.values() if one.id]
            )
            before = {one.id: one for one in known}
            kept = [_since(score, before.get(score.id)) for score in last.values()]
            rows = {"scores": score_rows.table(project_id, kept)}
            nothing = span_rows.table(project_id, [])
            prepared = Prepared(project_id, nothing, None, [], Counter(), others=rows)
            await asyncio.wrap_future(self._pipeline.keep_prepared(prepared))
            # A row goes by what it judges, too: one that judges something else now would stand beside its successor.
            moved = [was for one in kept if (was := before.get(one.id)) is not None and _judges(was) != _judges(one)]
            if moved:
                await asyncio.to_thread(score_rows.delete, self._engine, project_id, moved)

    def delete(self, project_id: str, score_id: str) -> None:
        """Delete a score. Raises `NotFoundError`, `StoreError`."""
        known = score_rows.by_ids(self._engine, project_id, [score_id])
        if not known:
            msg = f"There is no score {score_id[:80]!r} in this project."
            raise NotFoundError(msg)
        score_rows.delete(self._engine, project_id, known)


def _since(score: Score, before: Score | None) -> Score:
    return score if before is None else msgspec.structs.replace(score, created_ns=before.created_ns)


def _judges(score: Score) -> tuple[bytes, bytes]:
    return score.trace_id, score.span_id
