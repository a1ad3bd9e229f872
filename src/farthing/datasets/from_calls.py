"""Calls and traces that people picked in; drafts of items made of what was said in them, out."""

from collections.abc import Sequence

import msgspec

from farthing.datasets.dataset import Draft, Fault
from farthing.model.span import Value
from farthing.normalize.content_values import Values
from farthing.normalize.messages import messages
from farthing.normalize.said import Message
from farthing.query import content, cursors
from farthing.query.content import Content
from farthing.store.telemetry.engine import Engine

MOST = 500
"""Calls and traces at once."""
_NO_CONTENT = "nothing that was said in it is kept: its key doesn't keep content, or the library told none"


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
        return _of_call(kept) if kept else None
    whole = content.of_trace(engine, project_id, trace)
    return content.of_whole(whole) if whole else None


def _of_call(kept: Content) -> Values:
    """The values as they were given; of libraries that write a conversation piece by piece, the conversation."""
    if kept.input is not None:
        return kept.values
    told = messages(kept.attributes, kept.events)
    system = [Message("system", told.system)] if told.system else []
    asked = [_plain(one) for one in (*system, *told.input)]
    answered = [_plain(one) for one in told.output]
    return Values(input=asked or None, output=answered[0]["content"] if len(answered) == 1 else answered or None)


def _plain(message: Message) -> dict[str, Value]:
    """As providers take it: the text alone where there is nothing else."""
    texts = [part.text for part in message.parts if part.type == "text"]
    only = len(texts) == len(message.parts) == 1
    return {"role": message.role, "content": texts[0] if only else msgspec.to_builtins(message.parts)}
