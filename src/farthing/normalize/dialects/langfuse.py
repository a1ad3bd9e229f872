"""Spans of Langfuse's SDKs (Python 3 to 5, JavaScript 4 and 5), and whatever else carries their attributes, in; a call or
None out.

- An observation is a model call if its type is generation or embedding and it says which model or how many tokens. Other
  types may repeat the usage of what is inside.
- `usage_details` is read by `langfuse_usage`. A stream without usage leaves it out.
- The model is the one that answered where a drop-in replacement of OpenAI's client got an answer, else the one asked for;
  only the shape of the usage tells which.
- LangChain's handler puts the model asked for and the provider into the metadata (`ls_…`). Of Anthropic's streams it may
  know the output alone, and tells an input of 0.
- `cost_details` are the application's own figures; a call that failed reports zeros.
- Version 5 encodes every value of the metadata as JSON, strings too.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from farthing.model.call import Call, Operation, Status
from farthing.model.span import Attributes, Span
from farthing.model.usage import OUTPUT_SIDE, Usage
from farthing.normalize import langfuse_usage, provider_usage, providers, semconv
from farthing.normalize.reading import Reading

NAME = "langfuse"
SCOPES = ("langfuse-sdk",)

_O = "langfuse.observation."
_TYPE = _O + "type"
_USAGE = _O + "usage_details"
_COST = _O + "cost_details"
_MODEL = _O + "model.name"
_PARAMETERS = _O + "model.parameters"
_FIRST = _O + "completion_start_time"
_LEVEL = _O + "level"
_MESSAGE = _O + "status_message"
_METADATA = _O + "metadata."
MARKERS = (_TYPE, _USAGE, _MODEL)

_CALLS = {"generation": Operation.CHAT, "embedding": Operation.EMBEDDINGS}
_EMBEDDINGS = (".embeddings", "-embedding")
"""How the drop-ins' names of embeddings end; JavaScript's calls them generations."""
_STATUS = re.compile(r"(?:Error code|\w*Error): ([45]\d\d)\b")
_RESPONSE_ID = re.compile(r"(resp_|chatcmpl-|cmpl-|msg_|gen-)[\w-]+")
_VOCABULARY = semconv.CONVENTIONS.extended({"request_model": (_MODEL,)})
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LONGEST = timedelta(days=1)


def read(span: Span) -> Reading | None:
    """The call this span describes; None when it describes none."""
    kind = span.attributes.get(_TYPE)
    if not isinstance(kind, str):
        kind = "generation" if _MODEL in span.attributes or _USAGE in span.attributes else ""
    if kind in _CALLS:
        if not (_MODEL in span.attributes or _USAGE in span.attributes or semconv.looks_like_call(span.attributes)):
            return None
        return Reading(_call(span, _CALLS[kind]))
    if _USAGE in span.attributes:
        return Reading(_call(span, Operation.CHAT), wrapper=True)
    return semconv.reading(_call(span, Operation.CHAT)) if semconv.looks_like_call(span.attributes) else None


def _call(span: Span, operation: str) -> Call:
    attributes = span.attributes
    found = semconv.call(span, NAME, input_includes_cache=True, vocabulary=_VOCABULARY)
    if semconv.OPERATION in attributes and operation == Operation.CHAT:
        operation = found.operation
    elif span.name.endswith(_EMBEDDINGS):
        operation = Operation.EMBEDDINGS
    failed = found.status is Status.ERROR or attributes.get(_LEVEL) == "ERROR"
    first = _until_first(span)
    parameters = provider_usage.as_object(attributes.get(_PARAMETERS))
    return msgspec.structs.replace(
        found,
        **_models(found, attributes),
        provider=found.provider or providers.canonical(_word(attributes.get(_METADATA + "ls_provider"))),
        operation=operation,
        response_id=found.response_id or _response_id(attributes),
        status=Status.ERROR if failed else Status.OK,
        error_type=semconv.error_type(span) or _http_status(attributes) if failed else "",
        finish_reason=found.finish_reason or _word(attributes.get(_METADATA + "finish_reason")),
        streaming=True if first is not None else _asked_for_stream(parameters) or found.streaming,
        ttft_ns=first if first is not None else found.ttft_ns,
        served_tier=found.served_tier or _served_tier(attributes, parameters),
        usage=_usage(attributes, found, operation),
        reported_cost=_cost(attributes) or found.reported_cost or None,
    )


def _models(call: Call, attributes: Attributes) -> dict[str, str]:
    """Which model was asked and which one answered."""
    model = attributes.get(_MODEL)
    if not isinstance(model, str) or call.response_model:
        return {}
    asked = attributes.get(semconv.REQUEST_MODEL[0]) or _word(attributes.get(_METADATA + "ls_model_name"))
    usage = provider_usage.as_object(attributes.get(_USAGE))
    if isinstance(asked, str) and asked:
        return {"request_model": asked, "response_model": model if model != asked else ""}
    answered = "prompt_tokens" in usage or "output_tokens_details" in usage
    return {"request_model": "", "response_model": model} if answered else {}


def _usage(attributes: Attributes, call: Call, operation: str) -> Usage:
    told = langfuse_usage.read(attributes.get(_USAGE))
    if not told.buckets:
        return call.usage
    if operation == Operation.EMBEDDINGS and told.output_tokens is None:
        return msgspec.structs.replace(told, buckets={**told.buckets, "output": 0})
    if told.input_tokens == 0 and told.output_tokens:
        # Nothing is answered without having been asked.
        return msgspec.structs.replace(told, buckets=_of_output(told.buckets), whole=False)
    return told


def _of_output(buckets: Mapping[str, int]) -> dict[str, int]:
    return {bucket: tokens for bucket, tokens in buckets.items() if bucket in OUTPUT_SIDE}


def _cost(attributes: Attributes) -> int | None:
    """The total, else what the parts add up to."""
    told = provider_usage.as_object(attributes.get(_COST))
    if "total" in told:
        return semconv.dollars(told["total"])
    parts = [amount for part in told.values() if (amount := semconv.dollars(part)) is not None]
    return sum(parts) if parts else None


def _until_first(span: Span) -> int | None:
    """From the start to the first piece of the answer, in nanoseconds."""
    said = _word(span.attributes.get(_FIRST))
    if not said:
        return None
    try:
        moment = datetime.fromisoformat(said)
    except ValueError:
        return None
    since = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - _EPOCH
    ns = (since // timedelta(microseconds=1)) * 1000 - span.start_ns
    # The clock behind it is coarser than the span's.
    return max(ns, 0) if -1_000_000 <= ns <= _LONGEST // timedelta(microseconds=1) * 1000 else None


def _response_id(attributes: Attributes) -> str:
    said = _word(attributes.get(_METADATA + "id"))
    return said if _RESPONSE_ID.fullmatch(said) else ""


def _http_status(attributes: Attributes) -> str:
    """The status in the message of the provider's client."""
    found = _STATUS.match(_word(attributes.get(_MESSAGE)))
    return found[1] if found else ""


def _asked_for_stream(parameters: dict[str, Any]) -> bool | None:
    return True if parameters.get("stream") is True else None


def _served_tier(attributes: Attributes, parameters: dict[str, Any]) -> str:
    tier = parameters.get("service_tier")
    return tier if isinstance(tier, str) else _word(attributes.get(_METADATA + "service_tier"))


def _word(value: Any) -> str:
    """A text, from inside its JSON where it is JSON."""
    if isinstance(value, str) and value.startswith('"'):
        try:
            value = msgspec.json.decode(value)
        except msgspec.DecodeError:
            return ""
    return value if isinstance(value, str) else ""
