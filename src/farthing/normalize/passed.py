"""The span of a call that the gateway passed on in; the same call as the general way makes of it out, in half the time.

The gateway writes its spans itself (`gateway/records.py`), so there is no looking for spellings and types. Whatever holds more than
the plainest of them is left to the general way.
"""

from typing import Any

from farthing.model.call import Call, Status
from farthing.model.span import STATUS_ERROR, Span
from farthing.model.usage import MISSING, Bucket, Usage, UsageSource
from farthing.normalize import attribution, provider_usage, providers, quantities, region, semconv
from farthing.normalize.dialects import gateway
from farthing.normalize.links import of_response
from farthing.normalize.usage import MOST_TOKENS

SCOPE = gateway.SCOPES[0]
"""Of the spans that are read here."""

_KNOWN = frozenset(
    {
        "environment",
        "error.type",
        "externalRequestId",
        "farthing.account",
        "farthing.attempt",
        "farthing.config",
        "farthing.data_mode",
        "farthing.usage",
        "farthing.variant",
        "farthing.variant_version",
        "feature",
        "gen_ai.operation.name",
        "gen_ai.prompt.version",
        "gen_ai.provider.name",
        "gen_ai.request.max_tokens",
        "gen_ai.request.model",
        "gen_ai.request.service_tier",
        "gen_ai.request.stream",
        "gen_ai.response.finish_reasons",
        "gen_ai.response.id",
        "gen_ai.response.model",
        "gen_ai.response.service_tier",
        "gen_ai.response.time_to_first_chunk",
        "http.response.status_code",
        "metadata",
        "prompt_version",
        "session_id",
        "team",
        "tenant",
        "user_id",
    }
)
"""Attributes that mean here what they say and no more."""

_TEXTS = (
    "gen_ai.operation.name",
    "gen_ai.provider.name",
    "gen_ai.request.model",
    "gen_ai.response.model",
    "gen_ai.response.id",
    "error.type",
    "externalRequestId",
    "gen_ai.request.service_tier",
    "gen_ai.response.service_tier",
)
_IS_FLAG = (bool, type(None))
_LONGEST_S = 10**6

_PLAIN = frozenset({"prompt_tokens", "completion_tokens", "total_tokens"})
_INPUT, _OUTPUT = Bucket.INPUT.value, Bucket.OUTPUT.value


def call_of(span: Span) -> Call | None:
    """The call that this span alone tells of; None where only the general way can tell."""
    attributes = span.attributes
    get: Any = attributes.get
    operation, provider, request_model, response_model, response_id, error, external_id, requested, served = texts = [
        get(name, "") for name in _TEXTS
    ]
    finish, ttft = get("gen_ai.response.finish_reasons"), get("gen_ai.response.time_to_first_chunk")
    streams = get("gen_ai.request.stream")
    usage = _usage(get("farthing.usage"))
    if (
        usage is None
        or not operation
        or span.events
        or streams.__class__ not in _IS_FLAG
        or any(text.__class__ is not str for text in texts)  # anybody may send spans of this scope
        or (finish is not None and (finish.__class__ is not list or len(finish) != 1))
        or (ttft is not None and (ttft.__class__ is not float or not 0 <= ttft < _LONGEST_S))
        or not _KNOWN.issuperset(attributes)
    ):
        return None
    return Call(
        span.trace_id,
        span.span_id,
        span.start_ns,
        span.end_ns - span.start_ns,
        gateway.NAME,
        providers.canonical(provider),
        request_model,
        response_model,
        semconv.operation_named(operation),
        response_id,
        external_id,
        Status.ERROR if error or span.status == STATUS_ERROR else Status.OK,
        error,
        str(finish[0]) if finish else "",
        streams,
        None if ttft is None else round(ttft * 10**9),
        requested,
        served,
        usage,
        None,
        attribution.attribute((attributes,), span.resource.attributes),
        None,
        None,
        (of_response(response_id),) if response_id else (),
        region.served(attributes, request_model, response_model),
    )


def _usage(raw: Any) -> Usage | None:
    """What was used; None where it is more than tokens."""
    if raw is None:
        return MISSING
    told = provider_usage.as_object(raw)
    if _PLAIN.issuperset(told):
        given, written = told.get("prompt_tokens", ""), told.get("completion_tokens", "")
        if given.__class__ is int and written.__class__ is int and 0 <= given <= MOST_TOKENS >= written >= 0:
            return Usage({_INPUT: given, _OUTPUT: written}, UsageSource.PROVIDER)
    elif quantities.of_usage(told):
        return None
    shaped = provider_usage.of(told)
    return MISSING if shaped is None else shaped.settled()
