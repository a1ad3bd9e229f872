"""A span's attributes and events with their content in; what the application gave and got, as the JSON values they were, out. Pure.

How many layers of JSON a value is wrapped in depends on who wrote it (recordings of each: tests/corpus):

- Langfuse's SDKs write an input or output that is a text as it is, and everything else as JSON. So what reads as a JSON text,
  that is, begins with a quotation mark, was a text with quotation marks; or a file, of which a reference is left. Python's
  before 3.2.6 wrote texts as JSON, too.
- Their metadata is one attribute for each key. Python's from version 5 on writes each value as JSON, texts too; before, texts,
  whole numbers and truth values stand as they are, so that a text that reads as a fraction was one. JavaScript's leaves texts as
  they are and writes everything else as JSON.
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
_METADATA_ENCODED_SINCE = 5
_TEXTS_PLAIN_SINCE = (3, 2, 6)
_METADATA_PLAIN_SINCE = (3, 1)
_FILE = '"@@@langfuseMedia:'
_JAVASCRIPT = frozenset({"nodejs", "webjs"})

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


class _Writer(msgspec.Struct, frozen=True):
    """How the one who wrote a span puts values into texts."""

    texts: bool = False
    """Inputs and outputs are JSON, texts too."""
    metadata: bool = False
    """Likewise values of metadata."""
    numbers: bool = False
    """Of metadata, what is no text is JSON."""
    fractions: bool = False
    """Of metadata, fractions are JSON, whole numbers stand as such."""


def values(
    attributes: Attributes, events: Sequence[SpanEvent] = (), scope: Scope | None = None, language: str = ""
) -> Values:
    """What stands in these attributes, else in one of these events; `language` is the one of the process that wrote them."""
    writer = _writer(attributes, scope, language)
    encoded = writer.texts
    return Values(
        input=_first(INPUTS, attributes, events, encoded=encoded),
        output=_first(OUTPUTS, attributes, events, encoded=encoded),
        metadata=_metadata(_O + "metadata", attributes, writer) or _of_others(attributes),
        trace_input=_value(_T + "input", attributes.get(_T + "input"), encoded=encoded),
        trace_output=_value(_T + "output", attributes.get(_T + "output"), encoded=encoded),
        trace_metadata=_metadata(_T + "metadata", attributes, writer),
    )


def _writer(attributes: Attributes, scope: Scope | None, language: str) -> _Writer:
    if attributes.get(CONTENT_ENCODING) == JSON:
        return _Writer(texts=True, metadata=True)
    if scope is None or not scope.name.startswith("langfuse"):
        return _Writer()
    if language in _JAVASCRIPT:
        return _Writer(numbers=True)
    version = tuple(int(part) for part in scope.version.split(".")[:3] if part.isdigit())
    if not version:
        return _Writer()
    return _Writer(
        texts=version < _TEXTS_PLAIN_SINCE,
        metadata=version >= (_METADATA_ENCODED_SINCE,) or version < _METADATA_PLAIN_SINCE,
        fractions=True,
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
        if isinstance(found, str):
            return found if value.startswith(_FILE) else value
        return found if _is_written_so(found, value) else value
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


def _metadata(prefix: str, attributes: Attributes, writer: _Writer) -> dict[str, Value] | None:
    found: dict[str, Value] = {}
    whole = attributes.get(prefix)
    if isinstance(whole, str):
        whole = decoded(whole)
    if whole is not None:
        found = dict(cast("Mapping[str, Value]", whole)) if isinstance(whole, Mapping) else {"metadata": whole}
    for name, value in attributes.items():
        if name.startswith(prefix + ".") and not is_taken_out(value):
            found[name[len(prefix) + 1 :]] = _of_metadata(value, writer)
    return found or None


def _of_metadata(value: Value, writer: _Writer) -> Value:
    if not isinstance(value, str):
        return value
    if writer.metadata or value[:1] in "{[" or value.startswith(_FILE):
        return decoded(value)
    found = decoded(value) if writer.numbers or writer.fractions else value
    if isinstance(found, str) or not _is_written_so(found, value):
        return value
    return found if writer.numbers or isinstance(found, float) else value


def _of_others(attributes: Attributes) -> dict[str, Value] | None:
    told: Any = attributes.get("metadata")
    found = decoded(told) if isinstance(told, str) else told
    if isinstance(found, Mapping):
        return dict(cast("Mapping[str, Value]", found))
    prefix = "ai.telemetry.metadata."
    return {name[len(prefix) :]: value for name, value in attributes.items() if name.startswith(prefix)} or None
