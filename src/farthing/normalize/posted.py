"""The span of a call that was posted as JSON in; the same call as `calls_of` makes of it out, in a third of the time.

What the door has made of a checked body (`intake/direct_calls.py`) needs no looking for spellings, types and wrappers. Whatever
is not quite so plain is left to the general way.
"""

import operator
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import msgspec

from farthing.model.attribution import Attribution
from farthing.model.call import Call, Status
from farthing.model.span import STATUS_ERROR, Attributes, Span
from farthing.model.usage import Usage
from farthing.normalize import attribution, providers, region, semconv, usage
from farthing.normalize.dialects import direct
from farthing.normalize.links import of_response

_OK, _ERROR = Status.OK, Status.ERROR
_EMBEDDINGS = "embeddings"

_PARTS = frozenset(
    {
        "gen_ai.usage.cache_write.input_tokens",
        "gen_ai.usage.reasoning.output_tokens",
        "gen_ai.usage.audio.input_tokens",
        "gen_ai.usage.audio.output_tokens",
        "gen_ai.usage.image.input_tokens",
        "gen_ai.usage.image.output_tokens",
    }
)
"""Where one of these was told, the parts of its whole are settled the general way."""

_BESIDE_TOKENS = frozenset(
    {
        "gen_ai.usage.web_searches",
        "gen_ai.usage.web_fetch_requests",
        "gen_ai.usage.file_searches",
        "gen_ai.usage.code_sessions",
        "gen_ai.usage.images",
        "gen_ai.usage.characters",
        "gen_ai.usage.audio_seconds",
    }
)
_MAY_MEAN_MORE = frozenset('["')
"""How a mark begins where something was taken out, or JSON within a text."""

_NAMED = (
    ("environment", "environment"),
    ("feature", "feature"),
    ("user_id", "user_id"),
    ("session_id", "session_id"),
    ("team", "team"),
    ("tenant", "tenant"),
    ("prompt_version", "prompt_version"),
    ("farthing.data_mode", "data_mode"),
)
"""Attribute → dimension."""


_INPUT, _OUTPUT, _READ, _TOTAL = (
    "gen_ai.usage.input_tokens",
    "gen_ai.usage.output_tokens",
    "gen_ai.usage.cache_read.input_tokens",
    "gen_ai.usage.total_tokens",
)
_SHARED = (
    semconv.OPERATION,
    "gen_ai.provider.name",
    "gen_ai.request.model",
    "gen_ai.response.model",
    "error.type",
    "gen_ai.request.stream",
    "gen_ai.response.service_tier",
    "farthing.region",
)
"""What calls of one sort have in common, beside how they ended."""
_OWN = ("externalRequestId", "gen_ai.response.id", "gen_ai.latency.ttft_ms", "gen_ai.usage.cost_usd", "metadata")
_PLAIN = frozenset((_INPUT, _OUTPUT, _READ, _TOTAL, *_SHARED, *_OWN, *(name for name, _ in _NAMED)))


class Form(msgspec.Struct, frozen=True, eq=False):
    """What the attributes of a plain call are: input and output, perhaps the part that was cached, and no other counts."""

    shared: Callable[[Attributes], tuple[Any, ...]]
    """Reads what calls of one sort have in common."""
    dimensions: tuple[str, ...]
    named: Callable[[Attributes], tuple[str, ...]]
    """Reads the dimensions that were told."""
    has_read: bool
    has_total: bool
    has_metadata: bool


@lru_cache(maxsize=4096)
def form_of(names: tuple[str, ...]) -> Form | None:
    """What attributes of these names are; None if there is more to such a call. One client sends the same ones every time."""
    if _INPUT not in names or _OUTPUT not in names or not _PLAIN.issuperset(names):
        return None
    shared, named = [name for name in _SHARED if name in names], [pair for pair in _NAMED if pair[0] in names]
    return Form(
        operator.itemgetter(*shared),
        tuple([dimension for _, dimension in named]),
        # Of a single attribute there would be no tuple; what is read once more at the end nobody looks at.
        operator.itemgetter(*[name for name, _ in named], semconv.OPERATION),
        _READ in names,
        _TOTAL in names,
        "metadata" in names,
    )


def counts_of(attributes: Attributes, form: Form) -> tuple[int, int | None, int] | None:
    """Input, the part of it that was read from a cache, and output; None where they contradict each other."""
    told, written = attributes[_INPUT], attributes[_OUTPUT]
    read = attributes[_READ] if form.has_read else None
    if (read is not None and read > told) or (form.has_total and attributes[_TOTAL] != told + written):
        return None
    return told, read, written


def plain_attribution(attributes: Attributes, form: Form) -> Attribution | None:
    """The same as `attribution_of`, of attributes of that form."""
    told = form.named(attributes)
    for text in told:
        if text[0] in _MAY_MEAN_MORE:
            return None
    tags: dict[str, str] = {}
    if form.has_metadata:
        own = attributes["metadata"]
        if own.__class__ is not dict or not attribution.take_tags(own, tags):
            return attribution_of(attributes)
    found = dict(zip(form.dimensions, told, strict=False))
    if "data_mode" in found:
        return attribution.settled(attribution.untold() | found, tags)
    return Attribution(**found, tags=tags)


def call_of(span: Span) -> Call | None:
    """The call that this span alone tells of; None where only the general way can tell."""
    attributes = span.attributes
    if not _BESIDE_TOKENS.isdisjoint(attributes) or (named := attribution_of(attributes)) is None:
        return None
    get: Callable[..., Any] = attributes.get
    operation = semconv.operation_named(attributes[semconv.OPERATION])
    request_model, response_model = attributes["gen_ai.request.model"], get("gen_ai.response.model", "")
    response_id = get("gen_ai.response.id", "")
    ttft, cost = get("gen_ai.latency.ttft_ms"), get("gen_ai.usage.cost_usd")
    failed = span.status == STATUS_ERROR
    return Call(
        span.trace_id,
        span.span_id,
        span.start_ns,
        span.end_ns - span.start_ns,
        direct.NAME,
        providers.canonical(attributes["gen_ai.provider.name"]),
        request_model,
        response_model,
        operation,
        response_id,
        attributes["externalRequestId"],
        _ERROR if failed else _OK,
        get("error.type", "") if failed else "",
        "",
        get("gen_ai.request.stream"),
        None if ttft is None else round(ttft * 10**6),
        "",
        get("gen_ai.response.service_tier", ""),
        _usage(attributes, operation),
        None if cost is None else semconv.dollars(cost),
        named,
        None,
        None,
        (of_response(response_id),) if response_id else (),
        _place(get("farthing.region", ""), request_model, response_model),
    )


def _usage(attributes: Attributes, operation: str) -> Usage:
    get = attributes.get
    told, read, written = (
        get("gen_ai.usage.input_tokens"),
        get("gen_ai.usage.cache_read.input_tokens"),
        get("gen_ai.usage.output_tokens"),
    )
    total = get("gen_ai.usage.total_tokens")
    if written is None and operation == _EMBEDDINGS and told is not None:
        written = 0
    if (
        told is None
        or written is None
        or (read is not None and read > told)
        or (total is not None and total != told + written)
        or not _PARTS.isdisjoint(attributes)
    ):
        return direct.usage_of(attributes, operation)
    return usage.plain(told, read, written)


def attribution_of(attributes: Attributes) -> Attribution | None:
    """Who and what a posted call was for; None likewise."""
    dimensions = attribution.untold()
    for name, dimension in _NAMED:
        if name in attributes:
            text = dimensions[dimension] = attributes[name]
            if text[0] in _MAY_MEAN_MORE:
                return None
    tags: dict[str, str] = {}
    if "featureTag" in attributes:
        if attributes["featureTag"][0] == "[":
            return None
        tags["featureTag"] = attributes["featureTag"]
    if "metadata" in attributes:
        own = attributes["metadata"]
        if own.__class__ is not dict or "metadata" in own:
            return None
        attribution.take(own, dimensions, tags)
    return attribution.settled(dimensions, tags)


@lru_cache(maxsize=4096)
def _place(told: str, request_model: str, response_model: str) -> str:
    return region.served({"farthing.region": told}, request_model, response_model)
