"""One item and what is to be tried on it go in; what became of it comes out, all calls on the way booked on a trace of its own."""

from __future__ import annotations

import asyncio
import contextvars
import functools
import inspect
import os
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Callable, Final, NamedTuple

from farthing_sdk._call import context
from farthing_sdk.experiments._evaluator import Evaluator, call, scores_of, wanted
from farthing_sdk.experiments._nouns import Item, ItemResult, Score

if TYPE_CHECKING:
    from collections.abc import Generator
    from concurrent.futures import Executor

LONGEST_ERROR: Final = 2_000
_WAITS: Final = (0.5, 2.0, 8.0)
"""Seconds before the second attempt, the third, and every further one."""


class Plan(NamedTuple):
    """How each item is tried."""

    name: str
    """The run's."""
    task: Callable[..., Any]
    evaluators: list[Evaluator]
    retries: int
    timeout: float | None
    pool: Executor
    """Where functions run that aren't coroutines."""


async def tried(plan: Plan, item: Item) -> ItemResult:
    """What becomes of the item. Whatever the task raises is part of that."""
    with _traced(plan.name) as (trace_id, span_id):
        output, error, attempts, began, took = await _attempts(plan, item)
        scores: list[Score] = []
        failed: dict[str, str] = {}
        if not error:
            for judge in plan.evaluators:
                try:
                    scores += await _judged(plan, judge, output, item)
                except Exception as trouble:  # noqa: BLE001, PERF203 - a judge that fails has no say, and the others still have
                    failed[judge.name] = _words(trouble)
        return ItemResult(
            item, output, scores, error, trace_id, span_id, began, round(took * 1000), attempts, failed or None
        )


async def _attempts(plan: Plan, item: Item) -> tuple[Any, str, int, float, float]:
    known = {"item": item, "input": item.input, "expected": item.expected, "metadata": item.metadata}
    takes = wanted(plan.task, ("input", "expected"))
    for attempt in range(plan.retries + 1):
        began, clock = time.time(), time.perf_counter()
        try:
            output = await _run(plan, functools.partial(call, plan.task, takes, known), plan.task)
        except Exception as trouble:  # noqa: BLE001 - it is what the experiment finds out
            took = time.perf_counter() - clock
            if attempt == plan.retries:
                return None, _words(trouble), attempt + 1, began, took
            await asyncio.sleep(_WAITS[min(attempt, len(_WAITS) - 1)])
        else:
            return output, "", attempt + 1, began, time.perf_counter() - clock
    raise AssertionError("there is at least one attempt")


async def _judged(plan: Plan, judge: Evaluator, output: Any, item: Item) -> list[Score]:
    with context(feature="evaluator", metadata={"evaluator": judge.name}):
        return scores_of(judge, await _run(plan, functools.partial(judge.ask, output, item), judge.function))


async def _run(plan: Plan, function: Callable[[], Any], within: Callable[..., Any]) -> Any:
    """What it gives back: a coroutine function in the loop, any other in a thread, with the context of here."""
    if inspect.iscoroutinefunction(within) or inspect.iscoroutinefunction(getattr(within, "__call__", None)):  # noqa: B004 - whether it can be called isn't the question
        return await asyncio.wait_for(function(), plan.timeout)
    here = contextvars.copy_context()
    running = asyncio.get_running_loop().run_in_executor(plan.pool, here.run, function)
    given = await asyncio.wait_for(running, plan.timeout)
    return await asyncio.wait_for(given, plan.timeout) if inspect.isawaitable(given) else given


@contextmanager
def _traced(run: str) -> Generator[tuple[str, str]]:
    """All that is called within belongs to one trace: OpenTelemetry's own where the application has that, else a new one."""
    with _span(run) as own:
        trace_id, span_id = own or (os.urandom(16).hex(), os.urandom(8).hex())
        with context(traceparent=f"00-{trace_id}-{span_id}-01", metadata={"experiment": run}):
            yield trace_id, span_id


@contextmanager
def _span(run: str) -> Generator[tuple[str, str] | None]:
    """A root span of the application's OpenTelemetry; None where it has none, or that tells nobody."""
    trace: Any = sys.modules.get("opentelemetry.trace")
    if trace is None:
        yield None
        return
    root: Any = trace.set_span_in_context(trace.INVALID_SPAN, sys.modules["opentelemetry.context"].Context())
    with trace.get_tracer("farthing_sdk.experiments").start_as_current_span(f"experiment {run}", context=root) as span:
        told = span.get_span_context()
        yield (f"{told.trace_id:032x}", f"{told.span_id:016x}") if told.is_valid else None


def _words(error: BaseException) -> str:
    return (f"{type(error).__name__}: {error}" if str(error) else type(error).__name__)[:LONGEST_ERROR]
