"""Calls and traces that people picked in; drafts of items made of what was said in them, out."""

from collections.abc import Sequence

from farthing.datasets.dataset import Draft, Fault
from farthing.normalize.content_values import Values
from farthing.query import content, cursors
from farthing.store.telemetry.engine import Engine

MOST = 500
"""Calls and traces at once."""
_NO_CONTENT = "what was said in it was not kept: its key doesn't keep content"


def drafts(
    engine: Engine, project_id: str, picked: Sequence[str], *, expects_output: bool
) -> tuple[list[Draft], list[Fault]]:
    """A draft for each call (`trace-span`) or trace, with where it is from; with `expects_output` its answer is the expected one.

    Raises `StoreError`.
    """
    made: list[Draft] = []
    faults: list[Fault] = []
    for line, one in enumerate(picked, 1):
        trace, _, span = one.partition("-")
        if not cursors.TRACE_ID.fullmatch(trace) or (span and not cursors.SPAN_ID.fullmatch(span)):
            faults.append(Fault(line, "", f"{one[:80]!r} is the id of no call and no trace"))
            continue
        found = _values(engine, project_id, trace, span)
        if found is None:
            faults.append(Fault(line, "", f"there is no {'call' if span else 'trace'} {one!r} in this project"))
        elif found.input is None:
            faults.append(Fault(line, "", f"{one}: {_NO_CONTENT}"))
        else:
            expected = found.output if expects_output else None
            made.append(
                Draft(input=found.input, expected=expected, source_trace=trace, source_observation=span, line=line)
            )
    return made, faults


def _values(engine: Engine, project_id: str, trace: str, span: str) -> Values | None:
    if span:
        kept = content.of_span(engine, project_id, trace, span)
        return kept.values if kept else None
    whole = content.of_trace(engine, project_id, trace)
    return content.of_whole(whole) if whole else None
