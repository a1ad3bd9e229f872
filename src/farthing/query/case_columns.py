"""Cases of runs in, column by column; how each went, what it used and what its evaluators did, and its scores, out likewise.

What of a trace is a case: all of it where the trace was made for it, or the link names no span or a root; else the span that was
linked and what is below it.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec
import numpy as np

from farthing.errors import BadRequestError
from farthing.model.run import NO_SPAN, NO_TRACE, Outcome, RunItem
from farthing.query import arrays, case_calls, case_spans
from farthing.query.arrays import Flags, Ids, Ints
from farthing.query.case_calls import NOTHING, TIMEOUT_S, Used, Which
from farthing.query.case_scores import Place, Scores, scores_of
from farthing.store.telemetry import run_rows
from farthing.store.telemetry.engine import Engine

MOST_CASES = 1_000_000
"""Of all runs asked for together, those that were tried again included."""

BEFORE_NS = 3600 * 10**9
AFTER_NS = 24 * 3600 * 10**9
"""How far from its start the calls of a case are looked for, where its own spans told of it."""


class Told(msgspec.Struct, frozen=True):
    """What was told of cases, column by column."""

    runs: list[str]
    run: Ints
    """Which of `runs` each is of."""
    items: Sequence[str]
    traces: Ids
    spans: Ids
    started_ns: Ints
    ended_ns: Ints
    outcome: Ints
    """As rows have it."""
    errors: Sequence[str]
    whole: Flags

    @classmethod
    def of(cls, told: Sequence[RunItem]) -> "Told":
        """Of cases that were read one by one."""
        runs = list(dict.fromkeys(one.run_id for one in told))
        return cls(
            runs,
            np.array([runs.index(one.run_id) for one in told], np.int64),
            [one.item_id for one in told],
            arrays.of_bytes([one.trace_id for one in told], len(NO_TRACE)),
            arrays.of_bytes([one.span_id for one in told], len(NO_SPAN)),
            np.array([one.started_ns for one in told], np.int64),
            np.array([one.ended_ns for one in told], np.int64),
            np.array([run_rows.CODES[one.outcome] for one in told], np.int64),
            [one.error for one in told],
            np.array([one.whole for one in told], np.bool_),
        )

    def case(self, at: int) -> RunItem:
        """One of them, as far as it says which spans it is."""
        return RunItem(
            self.runs[int(self.run[at])], self.items[at], arrays.whole(self.traces, at), span_id=arrays.whole(self.spans, at),
            started_ns=int(self.started_ns[at]), ended_ns=int(self.ended_ns[at]), whole=bool(self.whole[at]),
        )  # fmt: skip


class Columns(msgspec.Struct, frozen=True):
    """How cases went. Latencies are -1 where a case isn't over, or nobody told."""

    told: Told
    outcome: Ints
    errors: Sequence[str]
    started_ns: Ints
    latency_ns: Ints
    own: Used
    judges: Used
    scores: Scores


_LATEST = f"""
SELECT run_id, item_id, trace_id, max(span_id) AS span,
       ifNull(toUnixTimestamp64Nano(ifNull(min(began), min(told))), 0) AS started,
       ifNull(toUnixTimestamp64Nano(max(ended)), 0) AS stopped, max(outcome) AS result, max(error) AS failure, max(whole) AS is_whole
FROM run_items WHERE project_id = {{project:String}} AND run_id IN {{runs:Array(String)}}
GROUP BY {run_rows.KEY} LIMIT {{most:UInt32}}
SETTINGS max_threads = 1, {arrays.AS_WORDS}
"""


def of_runs(engine: Engine, project_id: str, run_ids: Sequence[str], *, evaluators: bool = False) -> Columns:
    """The cases of these runs in order of run and item, of each item the one that began last.

    With `evaluators` also what gave their scores. Raises `BadRequestError` for more cases than can be read, `StoreError`.
    """
    told = {"project": project_id, "runs": list(run_ids), "most": MOST_CASES + 1}
    rows = engine.arrow(_LATEST, told, timeout_s=TIMEOUT_S)
    if rows.num_rows > MOST_CASES:
        msg = f"runs: they have more than {MOST_CASES:,} cases together; ask for fewer of them."
        raise BadRequestError(msg)
    return read(engine, project_id, _latest(rows), evaluators=evaluators)


def _latest(rows: Any) -> Told:
    run, items = arrays.words(rows.column("run_id")), rows.column("item_id").to_pylist()
    numbers = {item: at for at, item in enumerate(sorted(set(items)))}
    item = np.array([numbers[one] for one in items], np.int64)
    traces, spans = arrays.ids(rows.column("trace_id"), len(NO_TRACE)), arrays.ids(rows.column("span"), len(NO_SPAN))
    started, whole = arrays.ints(rows.column("started")), arrays.flags(rows.column("is_whole"))
    # A span that only carries an experiment's attributes into another trace is no case beside one that is.
    order = np.lexsort((traces, -started, ~whole, item, run.codes))
    key = (run.codes * max(len(numbers), 1) + item)[order]
    at = order[np.append(True, key[1:] != key[:-1])[: order.size]]
    errors = rows.column("failure").to_pylist()
    return Told(
        run.texts,
        run.codes[at],
        [items[one] for one in at.tolist()],
        traces[at],
        spans[at],
        started[at],
        arrays.ints(rows.column("stopped"))[at],
        arrays.ints(rows.column("result"))[at],
        [errors[one] for one in at.tolist()],
        whole[at],
    )


def read(engine: Engine, project_id: str, told: Told, *, evaluators: bool = False) -> Columns:
    """How these cases went. Raises `StoreError`."""
    traced = told.traces != arrays.of_bytes([NO_TRACE], len(NO_TRACE))
    linked = np.flatnonzero(traced & ~(told.whole & (told.ended_ns > 0)))
    cases = {at: told.case(at) for at in linked.tolist()}
    found = case_spans.find(engine, project_id, list(cases.values()))
    below = {at: found.below(case) for at, case in cases.items() if found.is_part(case)}
    is_part = np.zeros(traced.size, np.bool_)
    is_part[list(below)] = True
    own, judges = Used.nothing(traced.size), Used.nothing(traced.size)
    for some in (traced & told.whole, traced & ~told.whole & ~is_part):
        _put_traces(engine, project_id, told, np.flatnonzero(some), (own, judges))
    _put_parts(engine, project_id, told, below, (own, judges))
    outcome, errors, started, latency = _gone(told, cases, found.of)
    at = np.flatnonzero(traced)
    place = Place(at, told.traces[at], told.spans[at], below)
    scores = scores_of(engine, _which(project_id, told, at, when=False), place, evaluators=evaluators)
    return Columns(told, outcome, errors, started, latency, own, judges, scores)


def _gone(
    told: Told, cases: Mapping[int, RunItem], seen_of: Callable[[RunItem], case_spans.Seen | None]
) -> tuple[Ints, Sequence[str], Ints, Ints]:
    """Outcomes, errors, starts and latencies. What was posted of how a case went holds before what its spans let guess."""
    over = told.ended_ns > 0
    outcome, errors, started = told.outcome.copy(), list(told.errors), told.started_ns.copy()
    latency = np.where(over, np.maximum(told.ended_ns - started, 0), -1)
    for at, case in cases.items():
        seen = None if over[at] else seen_of(case)
        if seen is not None:
            if outcome[at] == run_rows.CODES[Outcome.UNKNOWN]:
                outcome[at] = run_rows.CODES[seen.outcome]
            errors[at] = errors[at] or seen.error
            started[at], latency[at] = seen.start_ns, seen.end_ns - seen.start_ns
    return outcome, errors, started, latency


def _which(project_id: str, told: Told, at: Ints, *, when: bool = True) -> Which:
    starts = told.started_ns[at]
    # Who links a trace by hand does so any time later.
    known = when and bool((told.whole[at] & (starts > 0)).all()) and starts.size > 0
    window = (max(0, int(starts.min()) - BEFORE_NS), int(starts.max()) + AFTER_NS) if known else None
    numbers: list[int] = np.unique(told.run[at]).tolist()
    runs = [told.runs[one] for one in numbers]
    return Which(project_id, runs, list(dict.fromkeys(arrays.listed(told.traces[at]))), window)


def _put_traces(engine: Engine, project_id: str, told: Told, at: Ints, used: tuple[Used, Used]) -> None:
    """What whole traces used."""
    if not at.size:
        return
    traces, number = np.unique(told.traces[at], return_inverse=True)
    found = case_calls.by_trace(engine, _which(project_id, told, at), traces)
    for one, theirs in zip(used, found, strict=True):
        if not theirs.is_nothing:
            one.put(at, theirs, number.reshape(-1))


def _put_parts(
    engine: Engine, project_id: str, told: Told, below: Mapping[int, set[bytes]], used: tuple[Used, Used]
) -> None:
    """What parts of traces used."""
    if not below:
        return
    by_trace: dict[bytes, list[tuple[bytes, case_calls.Both]]] = {}
    which = _which(project_id, told, np.array(list(below), np.int64))
    for (trace, span), both in case_calls.by_span(engine, which).items():
        by_trace.setdefault(trace, []).append((span, both))
    for at, spans in below.items():
        for span, both in by_trace.get(arrays.whole(told.traces, at), ()):
            if span in spans:
                for one, spent in zip(used, both, strict=True):
                    one.add(at, spent if spent.calls else NOTHING)
