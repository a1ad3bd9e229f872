"""Cases of runs, by their traces and spans, in; their scores, of each name one, column by column, out."""

from collections.abc import Mapping

import msgspec
import numpy as np

from farthing.model.run import NO_SPAN, NO_TRACE
from farthing.query import arrays
from farthing.query.arrays import Floats, Ids, Ints, Words
from farthing.query.case_calls import TIMEOUT_S, Which
from farthing.query.parameters import Parameters
from farthing.store.telemetry.engine import Engine

EVALUATOR = "evaluator"
"""Of a score's metadata: what gave it, with its version."""

_OWN, _TRACE, _BELOW = 2, 1, 0


class Scores(msgspec.Struct, frozen=True):
    """Scores by case and name. Each has a number or a label or both: texts are none."""

    case: Ints
    names: Words
    values: Floats
    """NaN: only a label."""
    labels: Words
    evaluators: Words
    """What gave each; "" where nobody told, or that isn't asked for."""


class Place(msgspec.Struct, frozen=True):
    """Where the scores of cases may be: their numbers, traces and spans; and of those that are a part of their trace, its spans."""

    cases: Ints
    traces: Ids
    spans: Ids
    below: Mapping[int, set[bytes]]


def scores_of(engine: Engine, which: Which, place: Place, *, evaluators: bool) -> Scores:
    """Of scores of one name that of the case's own span, else its trace's, else the last of a span below.

    With `evaluators` also what gave each. Raises `StoreError`.
    """
    p = Parameters()
    judge = f"JSONExtractString(metadata, '{EVALUATOR}')" if evaluators else "''"
    rows = engine.arrow(
        f"SELECT trace_id, span_id, name, value, label, toUnixTimestamp64Nano(time) AS at, toLowCardinality({judge}) AS judge"
        f" FROM scores FINAL WHERE {which.told(p)} AND (value IS NOT NULL OR label != '') SETTINGS {arrays.AS_WORDS}",
        p.values,
        timeout_s=TIMEOUT_S,
    )
    spans = arrays.ids(rows.column("span_id"), len(NO_SPAN))
    case, row = _joined(place, arrays.ids(rows.column("trace_id"), len(NO_TRACE)))
    rank = _ranks(place, case, spans[row])
    case, row, rank = place.cases[case[rank >= 0]], row[rank >= 0], rank[rank >= 0]
    names = arrays.words(rows.column("name"))
    at = _best(case, names.codes[row], rank, arrays.ints(rows.column("at"))[row])
    case, row = case[at], row[at]
    labels, judges = arrays.words(rows.column("label")), arrays.words(rows.column("judge"))
    return Scores(
        case,
        Words(names.codes[row], names.texts),
        arrays.floats(rows.column("value"))[row],
        Words(labels.codes[row], labels.texts),
        Words(judges.codes[row], judges.texts),
    )


def _joined(place: Place, traces: Ids) -> tuple[Ints, Ints]:
    """Pairs of a case and a row that have the same trace: one trace may have several of both."""
    known, number, counts = np.unique(place.traces, return_inverse=True, return_counts=True)
    of = arrays.place(traces, known)
    rows = np.flatnonzero(of >= 0)
    if not rows.size:
        return np.zeros(0, np.int64), rows
    of = of[rows]
    order, firsts = np.argsort(number.reshape(-1), kind="stable"), np.cumsum(counts) - counts
    times = counts[of]
    within: Ints = np.arange(int(times.sum())) - np.repeat(np.cumsum(times) - times, times)
    return order[np.repeat(firsts[of], times) + within], np.repeat(rows, times)


def _ranks(place: Place, case: Ints, spans: Ids) -> Ints:
    """How near to its case each score is; -1: it is of another part of the trace."""
    rank = np.where(spans == arrays.of_bytes([NO_SPAN], len(NO_SPAN)), _TRACE, _BELOW)
    rank[spans == place.spans[case]] = _OWN
    if place.below:
        is_part = np.isin(place.cases, list(place.below))
        for at in np.flatnonzero((rank == _BELOW) & is_part[case]).tolist():
            if arrays.whole(spans, at) not in place.below[int(place.cases[case[at]])]:
                rank[at] = -1
    return rank


def _best(case: Ints, name: Ints, rank: Ints, time: Ints) -> Ints:
    """Of those of one case and name that of the highest rank, and of these the last."""
    if not case.size:
        return case
    key = case * (int(name.max()) + 1) + name
    order = np.argsort(key)
    is_last = np.append(np.diff(key[order]) != 0, True)
    if is_last.all():
        return order
    return np.lexsort((time, rank, key))[is_last]
