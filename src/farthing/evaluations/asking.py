"""Questions for judges, and scores, of a thread in; answers, and scores kept, out: both are done on the server's event loop."""

import asyncio
import re
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from concurrent.futures import CancelledError, Future
from typing import Any, TypeVar

import msgspec

from farthing.errors import BusyError
from farthing.evaluations import prompting
from farthing.evaluations.evaluators import Judge
from farthing.evaluations.rule import Rule
from farthing.evaluations.said import Said
from farthing.model.score import Score
from farthing.query.judging_cost import TAG

T = TypeVar("T")

PATIENCE_S = 120
"""So long a judge is waited for."""

_ODD = re.compile(r"[^A-Za-z0-9 ._:/-]")
_PATHS = {"chat": "chat/completions", "messages": "messages"}


class Question(msgspec.Struct, frozen=True):
    """One call of a judge: for whom, by which path behind `/v1/`, with these headers."""

    project_id: str
    asker: str
    path: str
    headers: tuple[tuple[str, str], ...]
    body: bytes


class Answer(msgspec.Struct, frozen=True):
    """What came back; status 0 where nothing did in time."""

    status: int
    body: bytes = b""
    request_id: str = ""


Ask = Callable[[Question], Awaitable[Answer]]
Keep = Callable[[str, Sequence[Score]], Coroutine[Any, Any, None]]


def question(rule: Rule, judge: Judge, said: Said) -> Question:
    """What is asked of one call. All judges' calls bear marks by which they are told from others, and are never judged."""
    tags = f"evaluator={_ODD.sub('_', rule.name)[:100]},{TAG}={rule.id},{TAG}_version={rule.version}"
    headers = [("content-type", "application/json"), ("x-farthing-feature", "evaluator"), ("x-farthing-tags", tags)]
    if judge.config:
        headers.append(("x-farthing-config", judge.config))
    body = prompting.body(judge, said.input, said.output)
    return Question(rule.project_id, f"{TAG}:{rule.id}", _PATHS[judge.api], tuple(headers), body)


class Asking:
    """The event loop's side. `begin` and `end` are called on it, all else from other threads."""

    def __init__(self, ask: Ask, keep: Keep) -> None:
        """`ask` goes through the gateway, `keep` returns when scores are durable."""
        self._ask = ask
        self._keep = keep
        self._loop: asyncio.AbstractEventLoop | None = None
        self._under_way: set[Future[Any]] = set()

    def begin(self, loop: asyncio.AbstractEventLoop) -> None:
        """From now on."""
        self._loop = loop

    def end(self) -> None:
        """Nothing is waited for any more, and nothing begun."""
        self._loop = None
        for one in list(self._under_way):
            one.cancel()

    def answers(self, questions: Sequence[Question]) -> list[Answer]:
        """All at once. Raises `BusyError` when the server is stopping."""

        async def one(asked: Question) -> Answer:
            try:
                return await asyncio.wait_for(self._ask(asked), PATIENCE_S)
            except TimeoutError:
                return Answer(0)

        async def together() -> list[Answer]:
            return await asyncio.gather(*map(one, questions))

        return self._wait(together())

    def keep(self, project_id: str, scores: Sequence[Score]) -> None:
        """Raises `BusyError`, `StoreError`."""
        if scores:
            self._wait(self._keep(project_id, scores))

    def _wait(self, work: Coroutine[Any, Any, T]) -> T:
        loop = self._loop
        if loop is None:
            work.close()
            raise _stopping()
        future = asyncio.run_coroutine_threadsafe(work, loop)
        self._under_way.add(future)
        try:
            return future.result()
        except CancelledError as error:
            raise _stopping() from error
        finally:
            self._under_way.discard(future)


def _stopping() -> BusyError:
    return BusyError("The server is stopping.")
