"""Cases that were linked to their traces by hand in; how long each took and what of its trace is its own, out.

A case that its own spans told of needs none of this. One that was linked may be a whole trace, or one span of many.
"""

from collections.abc import Sequence

import msgspec

from farthing.model.run import NO_SPAN, Outcome, RunItem
from farthing.model.span import STATUS_ERROR
from farthing.query.case_calls import ASKED_AT_ONCE, TIMEOUT_S, Which
from farthing.query.parameters import Parameters
from farthing.store.telemetry.engine import Engine

MOST_SPANS = 2_000_000
"""Of all traces of which only a part is a case."""

_NONE = f"toFixedString('', {len(NO_SPAN)})"


class Seen(msgspec.Struct, frozen=True, gc=False):
    """What was seen of a case's span, or of all roots of its trace. Times are Unix nanoseconds."""

    start_ns: int
    end_ns: int
    outcome: Outcome
    error: str
    is_root: bool


class Found:
    """What the store knows of some cases' spans."""

    def __init__(self, seen: dict[tuple[bytes, bytes], Seen], children: dict[bytes, dict[bytes, list[bytes]]]) -> None:
        """`seen`: by trace and span, the trace's roots under no span. `children`: trace → span → those right below it."""
        self._seen = seen
        self._children = children

    def of(self, case: RunItem) -> Seen | None:
        """What was seen of it."""
        return self._seen.get((case.trace_id, case.span_id))

    def below(self, case: RunItem) -> set[bytes]:
        """The spans of its trace that are its own."""
        children = self._children.get(case.trace_id, {})
        found = {case.span_id}
        new = [case.span_id]
        while new:
            new = [child for span in new for child in children.get(span, ()) if child not in found]
            found.update(new)
        return found

    def is_part(self, case: RunItem) -> bool:
        """Whether only a span of its trace, and what is below that, is the case."""
        if case.whole or case.span_id == NO_SPAN:
            return False
        seen = self.of(case)
        return seen is None or not seen.is_root


def find(engine: Engine, project_id: str, cases: Sequence[RunItem]) -> Found:
    """The spans of those cases that need them. Raises `StoreError`."""
    linked = [case for case in cases if not (case.whole and case.ended_ns)]
    if not linked:
        return Found({}, {})
    seen = _seen(engine, project_id, linked)
    found = Found(seen, {})
    parts = sorted({case.trace_id for case in linked if found.is_part(case)})
    return Found(seen, _children(engine, project_id, parts)) if parts else found


def _seen(engine: Engine, project_id: str, linked: Sequence[RunItem]) -> dict[tuple[bytes, bytes], Seen]:
    runs = sorted({case.run_id for case in linked})
    traces = sorted({case.trace_id for case in linked})
    found: dict[tuple[bytes, bytes], Seen] = {}
    # Who links a trace by hand does so any time later, so their times say nothing of when the spans are.
    which = Which(project_id, runs, traces)
    p = Parameters()
    if len(traces) <= ASKED_AT_ONCE:
        spans = p.add("Array(String)", sorted({case.span_id.hex() for case in linked}))
        mine = f"SELECT toFixedString(unhex(arrayJoin({spans})), 8)"
    else:
        mine = which.cases("span_id", p)
    rows = engine.query(
        f"SELECT trace_id, span_id, parent_span_id = {_NONE}, toUnixTimestamp64Nano(start_time), duration_ns, status,"
        f" status_message FROM spans FINAL WHERE {which.told(p)} AND (parent_span_id = {_NONE} OR span_id IN ({mine}))"
        " ORDER BY start_time, span_id LIMIT {most:UInt32}",
        p.values | {"most": MOST_SPANS},
        timeout_s=TIMEOUT_S,
    ).rows
    for trace, span, is_root, start_ns, duration_ns, status, message in rows:
        failed = status == STATUS_ERROR
        outcome = Outcome.ERROR if failed else Outcome.OK
        one = Seen(start_ns, start_ns + duration_ns, outcome, (message or "error") if failed else "", bool(is_root))
        found.setdefault((trace, span), one)
        if is_root:
            found[trace, NO_SPAN] = _together(found.get((trace, NO_SPAN), one), one)
    return found


def _together(one: Seen, other: Seen) -> Seen:
    """A trace of several roots: it failed where one of them did."""
    failed = other if other.outcome is Outcome.ERROR else one
    return Seen(min(one.start_ns, other.start_ns), max(one.end_ns, other.end_ns), failed.outcome, failed.error, True)


def _children(engine: Engine, project_id: str, traces: Sequence[bytes]) -> dict[bytes, dict[bytes, list[bytes]]]:
    found: dict[bytes, dict[bytes, list[bytes]]] = {}
    for at in range(0, len(traces), ASKED_AT_ONCE):
        p = Parameters()
        some = Which(project_id, (), traces[at : at + ASKED_AT_ONCE])
        rows = engine.query(
            f"SELECT DISTINCT trace_id, parent_span_id, span_id FROM spans WHERE {some.told(p)} AND parent_span_id != {_NONE}"
            " LIMIT {most:UInt32}",
            p.values | {"most": MOST_SPANS},
            timeout_s=TIMEOUT_S,
        ).rows
        for trace, parent, span in rows:
            found.setdefault(trace, {}).setdefault(parent, []).append(span)
    return found
