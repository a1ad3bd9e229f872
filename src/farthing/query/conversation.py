"""A span's content, or that of a trace, in; its messages as the API tells them, or why there are none, out."""

from collections.abc import Sequence

import msgspec

from farthing.normalize.attribute_values import is_taken_out
from farthing.normalize.messages import messages
from farthing.normalize.said import conversation
from farthing.query import content
from farthing.query.content import Content
from farthing.query.shapes import Json
from farthing.store.telemetry.engine import Engine
from farthing.store.telemetry.span_rows import NO_SPAN

_NOT_KEPT = (
    "What was said came with it, but is not kept: the key it was sent with keeps no content, or it is older than content is"
    " kept. To keep what comes from now on: farthing keys change {key} --content, or Settings, Keys."
)
_NONE_CAME = "Nothing that was said came with it: its library sends no content, or was told not to."

_NOT_ASKED = (
    "Neither the gateway's key nor its config says that what is said is kept, or the client forbade it. To keep what comes from now"
    " on: farthing keys change {key} --content, or keeps_content of the config's variant."
)

_MOST_ASKED = 4
_TELLING = f"""
SELECT lower(hex(span_id)) FROM spans
WHERE project_id = {{project:String}} AND trace_id = toFixedString(unhex({{trace:String}}), 16)
    AND (parent_span_id = toFixedString(unhex('{NO_SPAN.hex()}'), 8) OR position(attributes, '"langfuse.trace.') > 0)
ORDER BY start_time
LIMIT 1000
"""
"""Roots, and the spans that say something of their trace."""


def of_span(found: Content | None) -> Json:
    """The messages of one span."""
    if found is None:
        return _none(_NONE_CAME)
    said = messages(found.attributes, found.events)
    if said:
        return {"messages": {**msgspec.structs.asdict(said), "cut": found.cut}, "no_messages_because": None}
    return _none(_why(found))


def of_call(engine: Engine, project_id: str, found: Content | None, duplicates: Sequence[str]) -> Json:
    """The messages of a call; those of another sighting of it where its own span has none. Raises `StoreError`."""
    own = of_span(found)
    if own["messages"] is None:
        # The SDK's own span knows best what was used, the instrumentation's what was said.
        for one in duplicates[:_MOST_ASKED]:
            trace_id, _, span_id = one.partition("-")
            told = of_span(content.of_span(engine, project_id, trace_id, span_id))
            if told["messages"] is not None:
                return told
    return own


def of_trace(engine: Engine, project_id: str, trace_id: str) -> Json:
    """What the trace itself was given and answered, its root's where its spans don't say. Raises `StoreError`."""
    rows = engine.query(_TELLING, {"project": project_id, "trace": trace_id}).rows
    found = content.of_traces(engine, project_id, [trace_id], [row[0] for row in rows]) if rows else {}
    spans = found.get(trace_id, {})
    if not spans:
        return _none(_NONE_CAME)
    root = next((one for one in spans.values() if not one.parent), next(iter(spans.values())))
    told, whole = messages(root.attributes, root.events), content.of_whole(spans)
    # The root's own messages say more than its input as a value: who spoke, which tools were called.
    given = any(one.values.trace_input is not None for one in spans.values())
    answered = any(one.values.trace_output is not None for one in spans.values())
    said = msgspec.structs.replace(
        told,
        input=conversation(whole.input, is_input=True) if given else told.input,
        output=conversation(whole.output, is_input=False) if answered else told.output,
    )
    if said:
        cut = any(one.cut for one in spans.values())
        return {"messages": {**msgspec.structs.asdict(said), "cut": cut}, "no_messages_because": None}
    return _none(_why(root))


def _none(why: str) -> Json:
    return {"messages": None, "no_messages_because": why}


def _why(found: Content) -> str:
    values = [*found.attributes.values(), *(value for event in found.events for value in event.attributes.values())]
    if any(map(is_taken_out, values)):
        return _NOT_KEPT.format(key=found.key_id or "KEY")
    return _NOT_ASKED.format(key=found.key_id or "KEY") if "farthing.attempt" in found.attributes else _NONE_CAME
