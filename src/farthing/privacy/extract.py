"""A span as received in; the facts about its model call that stand only inside message content out, as attributes.

Content is taken out before a span is kept, and spans are read again from the store later. What a dialect needs from content
is therefore saved here, under names of our own. Dialects may read, beside what the library says itself:

- `farthing.response_id`    the provider's id of the response
- `farthing.model`          the model that answered
- `farthing.usage`          the provider-shaped usage object as JSON: numbers only, nested as it was; a list of counts per
                            modality becomes an object {modality: count}. `normalize/provider_usage.py` reads every shape
- `farthing.finish_reason`  why the model stopped, as the provider said; several choices are joined by commas
- `farthing.served_tier`    the service tier the provider reports
- `farthing.request_model`  the model asked for
- `farthing.requested_tier` the service tier asked for
- `farthing.streaming`      whether a stream was asked for, where the request says so
- `farthing.caching_asked`  whether a request to Anthropic asks for caching anywhere: if not, none of its input was cached
- `farthing.region`         where it was served, in the provider's own words
- `farthing.tools`          how often tools of the provider's were used, as JSON: bucket -> count
- `farthing.reported_cost`  dollars, as text: the library's own figure where it stands among what isn't kept

An attribute is there only when content held it. Where two places tell different things the one nearest to the provider wins.
"""

import re
from collections.abc import Callable
from functools import lru_cache

import msgspec

from farthing.model.span import Attributes, Span, Value
from farthing.privacy import documents, literals
from farthing.privacy.documents import Facts

PREFIX = "farthing."

Read = Callable[[Value, Facts], None]

_RESPONSES: dict[str, Read] = {
    "gen_ai.usage.raw": documents.usage,
    "ai.response.providerMetadata": documents.by_provider,
    "response_data": documents.response,
    "mlflow.spanOutputs": documents.response,
    "output.value": documents.response,
}
"""Attributes that hold a response or its usage as JSON, those nearest to the provider first."""

_REQUESTS = (
    "llm.invocation_parameters",
    "embedding.invocation_parameters",
    "request_data",
    "mlflow.spanInputs",
    "input.value",
)
"""Attributes that hold a request as JSON, the shortest first."""

_WHOLE_REQUESTS = _REQUESTS[2:]
_ASKS_FOR_CACHING = '"cache_control"'
"""A key of the request; within a text its quotes would be escaped."""

_STREAM_OF = "mlflow"
"""The scope whose spans' events may hold the pieces of a streamed response."""
_PIECE = "mlflow.chunk.value"
_LAST_PIECES = 3

_CALLS = {
    "openinference.span.kind": frozenset({"LLM", "EMBEDDING"}),
    "mlflow.spanType": frozenset({'"CHAT_MODEL"', '"LLM"', '"EMBEDDING"', "CHAT_MODEL", "LLM", "EMBEDDING"}),
}
"""What says whether a span is a model call → the values that do. The documents of other spans are no call's own."""

_FIRST_FINISH = re.compile(r"\[\{?(?:\w+\()?'?finish_reason'?[:=] ?'(\w{1,64})'")


def _model(value: Value, facts: Facts) -> None:
    facts.model = facts.model or documents.word(value)


def _finish(value: Value, facts: Facts) -> None:
    facts.finish_reason = facts.finish_reason or documents.word(value)


def _tier(value: Value, facts: Facts) -> None:
    facts.served_tier = facts.served_tier or documents.word(value)


def _choices(value: Value, facts: Facts) -> None:
    # Only what the text begins with: further in, it might be what the model wrote.
    if facts.finish_reason is None and isinstance(value, str) and (found := _FIRST_FINISH.match(value)):
        facts.finish_reason = found[1]


def _printed_usage(value: Value, facts: Facts) -> None:
    """A usage object as Python prints it."""
    if facts.usage is None and isinstance(value, str) and value:
        try:
            documents.usage(literals.parse(value), facts)
        except literals.UnreadableError:
            return


_FIELDS: dict[str, Read] = {
    "id": documents.identity,
    "model": _model,
    "usage": _printed_usage,
    "responseId": documents.identity,
    "modelVersion": _model,
    "usageMetadata": _printed_usage,
    "stop_reason": _finish,
    "stopReason": _finish,
    "choices": _choices,
    "status": _finish,
    "service_tier": _tier,
}
"""What LiteLLM copies field by field from a provider's response to `llm.<provider>.<field>`."""
_FIELD = re.compile(r"llm\.(?!token_count\.|request\.|response\.|usage\.|cost\.)[^.]+\.(\w+)")
_LAST: dict[str, Read] = {"metadata.usage_object": _printed_usage, "hidden_params": documents.cost}
"""What a framework says of the response, after what the provider said."""


def may_tell(keys: tuple[str, ...]) -> bool:
    """Whether attributes of these names may hold such facts; besides them only events may."""
    return _sources(keys).any


def facts(span: Span) -> Attributes:
    """The facts that stand only in this span's content; empty when there are none."""
    attributes = span.attributes
    sources = _sources(tuple(attributes))
    streams = bool(span.events) and span.scope.name.startswith(_STREAM_OF)
    if not (sources.any or streams) or not _may_be_call(attributes):
        return {}
    found = Facts()
    for key, read in sources.fields:
        read(attributes[key], found)
    for key, read in sources.responses:
        if not found.names_the_response or key in _LAST:
            read(attributes[key], found)
    for key in sources.requests:
        if found.request_model is None:
            documents.request(attributes[key], found)
    if "anthropic" in span.scope.name:
        found.caching_asked = _asks_for_caching(attributes)
    if streams and not found.names_the_response:
        _pieces(span, found)
    return _named(found)


def _may_be_call(attributes: Attributes) -> bool:
    for key, calls in _CALLS.items():
        kind = attributes.get(key)
        if isinstance(kind, str) and kind not in calls:
            return False
    return True


class _Sources(msgspec.Struct, frozen=True):
    """Where facts may stand among the attributes of one set of keys."""

    any: bool
    fields: tuple[tuple[str, Read], ...]
    responses: tuple[tuple[str, Read], ...]
    requests: tuple[str, ...]


@lru_cache(maxsize=4096)
def _sources(keys: tuple[str, ...]) -> _Sources:
    """Worked out once for each set of keys: one library sends the same ones every time."""
    fields = [(key, read) for key in keys if (read := _field(key))]
    present = frozenset(keys)
    responses = [(key, read) for key, read in (_RESPONSES | _LAST).items() if key in present]
    requests = [key for key in _REQUESTS if key in present]
    return _Sources(bool(fields or responses or requests), tuple(fields), tuple(responses), tuple(requests))


def _field(key: str) -> Read | None:
    found = _FIELD.fullmatch(key) if key.startswith("llm.") else None
    return _FIELDS.get(found[1]) if found else None


def _asks_for_caching(attributes: Attributes) -> bool | None:
    requests = [
        text for key in _WHOLE_REQUESTS if isinstance(text := attributes.get(key), str) and text.startswith("{")
    ]
    return any(_ASKS_FOR_CACHING in text for text in requests) if requests else None


def _pieces(span: Span, found: Facts) -> None:
    """The pieces of a stream: the last ones have the usage, all of them the id."""
    pieces = [event.attributes[_PIECE] for event in span.events if _PIECE in event.attributes]
    for piece in (*reversed(pieces[-_LAST_PIECES:]), *pieces[:1]):
        documents.response(piece, found)


def _named(found: Facts) -> Attributes:
    named: Attributes = {}
    for field in Facts.__struct_fields__:
        value = getattr(found, field)
        if value is not None:
            named[PREFIX + field] = msgspec.json.encode(value).decode() if isinstance(value, dict) else value
    return named
