"""A span's attributes and events with their content in; what the application gave and got, as the JSON values they were, out. Pure.

How many layers of JSON a value is wrapped in depends on who wrote it (recordings of each: tests/corpus):

- Langfuse's SDKs write an input or output that is a text as it is, and everything else as JSON. So what reads as a JSON text,
  that is, begins with a quotation mark, was a text with quotation marks.
- Their metadata is one attribute for each key; from version 5 on each value is JSON, texts too; before, texts stand as they are.
- MLflow writes JSON always. `CONTENT_ENCODING` says the same of a span that was made here.
- All others: JSON where it is an object or a list, else a text.
"""

from collections.abc import Mapping, Sequence
from typing import Any, cast

import msgspec

from farthing.model.span import Attributes, Scope, SpanEvent, Value
from farthing.normalize.attribute_values import is_taken_out

CONTENT_ENCODING = "farthing.content_encoding"
"""The attribute that says `json`: inputs, outputs and metadata of this span are JSON, texts too."""
JSON = "json"

_O, _T = "langfuse.observation.", "langfuse.trace."
_ENCODED_SINCE = 5

INPUTS = (
    _O + "input",
    "gen_ai.input.messages",
    "mlflow.spanInputs",
    "gen_ai.tool.call.arguments",
    "input.value",
    "traceloop.entity.input",
    "ai.prompt.messages",
    "ai.prompt",
    "ai.toolCall.args",
    "ai.value",
    "ai.values",
    "request_data",
    "pydantic_ai.all_messages",
    "all_messages_events",
    "tool_arguments",
    "gen_ai.prompt",
    "input",
)
"""Where an input may stand as a whole, the one that says most first."""

OUTPUTS = (
    _O + "output",
    "gen_ai.output.messages",
    "mlflow.spanOutputs",
    "gen_ai.tool.call.result",
    "output.value",
    "traceloop.entity.output",
    "ai.response.object",
    "ai.response.text",
    "ai.response.toolCalls",
    "ai.toolCall.result",
    "response_data",
    "final_result",
    "tool_response",
    "gen_ai.completion",
    "output",
)


class Values(msgspec.Struct, frozen=True):
    """Of an observation, and what its span says of its trace; None where nothing is told or kept."""

    input: Value = None
    output: Value = None
    metadata: dict[str, Value] | None = None
    trace_input: Value = None
    trace_output: Value = None
    trace_metadata: dict[str, Value] | None = None


def values(attributes: Attributes, events: Sequence[SpanEvent] = (), scope: Scope | None = None) -> Values:
    """What stands in these attributes, else in one of these events."""
    encoded = attributes.get(CONTENT_ENCODING) == JSON
    return Values(
        input=_first(INPUTS, attributes, events, encoded=encoded),
        output=_first(OUTPUTS, attributes, events, encoded=encoded),
        metadata=_metadata(_O + "metadata", attributes, _all_json(encoded, scope)) or _of_others(attributes),
        trace_input=_value(_T + "input", attributes.get(_T + "input"), encoded=encoded),
        trace_output=_value(_T + "output", attributes.get(_T + "output"), encoded=encoded),
        trace_metadata=_metadata(_T + "metadata", attributes, _all_json(encoded, scope)),
    )


def _first(names: Sequence[str], attributes: Attributes, events: Sequence[SpanEvent], *, encoded: bool) -> Value:
    for held in (attributes, *(event.attributes for event in events)):
        for name in names:
            if name in held and not is_taken_out(held[name]):
                return _value(name, held[name], encoded=encoded)
    return None


def _value(name: str, value: Value, *, encoded: bool) -> Value:
    if not isinstance(value, str):
        return value
    if is_taken_out(value):
        return None
    if encoded or name.startswith("mlflow."):
        return decoded(value)
    if name.startswith("langfuse."):
        found = decoded(value)
        return value if isinstance(found, str) or not _is_written_so(found, value) else found
    return decoded(value) if value[:1] in "{[" else value


def _is_written_so(found: Value, text: str) -> bool:
    """Whether a number's JSON is this text: 007 or 1e3 was a text."""
    if isinstance(found, bool) or not isinstance(found, int | float):
        return True
    return repr(found) == text


def decoded(text: str) -> Value:
    """One layer of JSON taken off; the text itself where it is none."""
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError, UnicodeError):
        return text


def _all_json(encoded: bool, scope: Scope | None) -> bool:
    if encoded or scope is None or not scope.name.startswith("langfuse"):
        return encoded
    major = scope.version.partition(".")[0]
    return major.isdigit() and int(major) >= _ENCODED_SINCE


def _metadata(prefix: str, attributes: Attributes, all_json: bool) -> dict[str, Value] | None:
    found: dict[str, Value] = {}
    whole = attributes.get(prefix)
    if isinstance(whole, str):
        whole = decoded(whole)
    if whole is not None:
        found = dict(cast("Mapping[str, Value]", whole)) if isinstance(whole, Mapping) else {"metadata": whole}
    for name, value in attributes.items():
        if name.startswith(prefix + ".") and not is_taken_out(value):
            takes_off = isinstance(value, str) and (all_json or value[:1] in "{[")
            found[name[len(prefix) + 1 :]] = decoded(cast("str", value)) if takes_off else value
    return found or None


def _of_others(attributes: Attributes) -> dict[str, Value] | None:
    told: Any = attributes.get("metadata")
    found = decoded(told) if isinstance(told, str) else told
    if isinstance(found, Mapping):
        return dict(cast("Mapping[str, Value]", found))
    prefix = "ai.telemetry.metadata."
    return {name[len(prefix) :]: value for name, value in attributes.items() if name.startswith(prefix)} or None
