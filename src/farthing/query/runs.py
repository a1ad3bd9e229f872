"""Runs of experiments asked for; each one's cases with what they cost, took and scored, out.

What the evaluators of a case cost stands apart from what the case itself cost (`case_calls.py`).
"""

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from farthing.model.run import NO_SPAN, NO_TRACE, Outcome, RunItem
from farthing.query import case_calls, case_spans
from farthing.query.case_calls import NOTHING, Both, Spent, Which
from farthing.query.case_spans import Found
from farthing.query.parameters import Parameters
from farthing.store.telemetry import run_rows
from farthing.store.telemetry.engine import Engine

MOST_CASES = 200_000
"""Of all runs asked for together."""

BEFORE_NS = 3600 * 10**9
AFTER_NS = 24 * 3600 * 10**9
"""How far from its start the calls of a case are looked for, where its own spans told of it."""

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


def cases(engine: Engine, project_id: str, run_ids: Sequence[str]) -> dict[str, list[Case]]:
    """Run → its cases by item id, one for each item: the one that began last. Raises `StoreError`.

    A run nobody knows has no cases.
    """
    return of_items(engine, project_id, items(engine, project_id, run_ids))


def items(engine: Engine, project_id: str, run_ids: Sequence[str]) -> list[RunItem]:
    """The latest case of each item of these runs, in order of run and item. Raises `StoreError`."""
    # A span that only carries an experiment's attributes into another trace is no case beside one that is.
    rows = engine.query(
        f"SELECT {run_rows.COLUMNS} FROM run_items WHERE project_id = {{project:String}} AND run_id IN {{runs:Array(String)}}"
        f" GROUP BY {run_rows.KEY} ORDER BY run_id, item_id, is_whole DESC, started DESC, trace_id"
        " LIMIT 1 BY run_id, item_id LIMIT {most:UInt32}",
        {"project": project_id, "runs": list(run_ids), "most": MOST_CASES},
        timeout_s=TIMEOUT_S,
    ).rows
    return [run_rows.item(row) for row in rows]


def of_items(engine: Engine, project_id: str, told: Sequence[RunItem]) -> dict[str, list[Case]]:
    """The cases of these items of runs. Raises `StoreError`."""
    traced = [one for one in told if one.trace_id != NO_TRACE]
    found = case_spans.find(engine, project_id, traced)
    parts = [one for one in traced if not one.whole and found.is_part(one)]
    below = {id(one): found.below(one) for one in parts}
    spent = _spent(engine, project_id, [one for one in traced if id(one) not in below])
    apart = _spent_apart(engine, project_id, parts)
    scored = _scores(engine, project_id, traced)
    nothing = (NOTHING, NOTHING)
    made: dict[str, list[Case]] = {one.run_id: [] for one in told}
    for one in told:
        own = below.get(id(one))
        if own is None:
            mine = spent.get(one.trace_id, nothing)
        else:
            mine = _together(sums for span, sums in apart.get(one.trace_id, ()) if span in own)
        scores = _chosen(scored.get(one.trace_id, ()), one.span_id, own)
        made[one.run_id].append(_case(one, found, mine, scores))
    return made


def _case(one: RunItem, found: Found, spent: Both, scores: Mapping[str, Scored]) -> Case:
    seen = None if one.whole and one.ended_ns else found.of(one)
    if one.ended_ns or seen is None:
        latency = max(0, one.ended_ns - one.started_ns) if one.ended_ns else None
        return Case(one, one.outcome, one.error, one.started_ns, latency, *spent, scores)
    # What was posted of how it went holds before what its spans let guess.
    outcome = seen.outcome if one.outcome is Outcome.UNKNOWN else one.outcome
    return Case(one, outcome, one.error or seen.error, seen.start_ns, seen.end_ns - seen.start_ns, *spent, scores)


def _together(parts: Iterable[Both]) -> Both:
    mine = judges = NOTHING
    for one, other in parts:
        mine, judges = mine.plus(one), judges.plus(other)
    return mine, judges


def _which(project_id: str, told: Sequence[RunItem], *, when: bool = True) -> Which:
    runs = sorted({one.run_id for one in told})
    traces = sorted({one.trace_id for one in told})
    starts = [one.started_ns for one in told]
    # Who links a trace by hand does so any time later.
    known = when and all(one.whole and one.started_ns for one in told)
    window = (max(0, min(starts) - BEFORE_NS), max(starts) + AFTER_NS) if known and starts else None
    return Which(project_id, runs, traces, window)


def _spent(engine: Engine, project_id: str, told: Sequence[RunItem]) -> dict[bytes, Both]:
    found: dict[bytes, Both] = {}
    for some in ([one for one in told if one.whole], [one for one in told if not one.whole]):
        if some:
            found |= case_calls.by_trace(engine, _which(project_id, some))
    return found


def _spent_apart(engine: Engine, project_id: str, told: Sequence[RunItem]) -> dict[bytes, list[tuple[bytes, Both]]]:
    found: dict[bytes, list[tuple[bytes, Both]]] = {}
    if told:
        for (trace, span), sums in case_calls.by_span(engine, _which(project_id, told)).items():
            found.setdefault(trace, []).append((span, sums))
    return found


_Score = tuple[bytes, str, Scored]
"""The span it is of, its name and itself."""


def _scores(engine: Engine, project_id: str, told: Sequence[RunItem]) -> dict[bytes, list[_Score]]:
    """Trace → its scores, of those of one span that have one name the last."""
    found: dict[bytes, list[_Score]] = {}
    if not told:
        return found
    which = _which(project_id, told, when=False)
    p = Parameters()
    rows = engine.query(
        "SELECT trace_id, span_id, name, argMax(tuple(value), time).1, argMax(label, time) FROM scores FINAL"
        f" WHERE {which.told(p)} GROUP BY trace_id, span_id, name ORDER BY max(time), name",
        p.values,
        timeout_s=TIMEOUT_S,
    ).rows
    for trace, span, name, value, label in rows:
        if value is None and not label:
            continue  # a text, or what the answer should have been
        found.setdefault(trace, []).append((span, name, Scored(value, label)))
    return found


def _chosen(scored: Iterable[_Score], span_id: bytes, below: set[bytes] | None) -> dict[str, Scored]:
    """Of scores of one name, that of the case's own span, else its trace's, else the last of a span below."""
    best: dict[str, tuple[int, Scored]] = {}
    for span, name, score in scored:
        if span == span_id:
            rank = 2
        elif span == NO_SPAN:
            rank = 1
        elif below is None or span in below:
            rank = 0
        else:
            continue
        if name not in best or rank >= best[name][0]:
            best[name] = (rank, score)
    return {name: score for name, (_, score) in best.items()}
