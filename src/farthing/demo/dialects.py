"""One finished model call in; the spans its instrumentation library would have sent out.

Each writer is made once per feature and model, so that what never changes is laid out only once.
"""

from collections.abc import Callable

import msgspec

from farthing.demo.company import Dialect, Feature, Model
from farthing.demo.draws import Dice
from farthing.demo.failures import Failure
from farthing.model.span import (
    STATUS_ERROR,
    STATUS_OK,
    STATUS_UNSET,
    Attributes,
    Resource,
    Scope,
    Span,
    SpanEvent,
)

INTERNAL, SERVER, CLIENT, CONSUMER = 1, 2, 3, 5


class Made(msgspec.Struct, gc=False):
    """What happened in one call. Input includes the cached tokens, output the reasoning."""

    start_ns: int
    end_ns: int
    first_token_ns: int
    input: int
    cached: int
    written: int
    output: int
    reasoning: int
    streamed: bool
    told: bool
    """Whether the provider said what was used."""
    finish: list[str]
    failure: Failure | None


class Place(msgspec.Struct, gc=False):
    """Where a call stands: its ids, its process, and what the application noted on it."""

    trace_id: bytes
    parent_span_id: bytes
    resource: Resource
    noted: Attributes
    span_id: bytes = b""


Writer = Callable[[Place, Made, list[Span]], None]

_HOSTS = {"openai": "api.openai.com", "anthropic": "api.anthropic.com", "google": "generativelanguage.googleapis.com"}
_OPENAI_V2 = Scope("opentelemetry.instrumentation.openai_v2")
_GENAI = {
    "openai": Scope("opentelemetry.instrumentation.genai.openai", "1.3b0"),
    "anthropic": Scope("opentelemetry.instrumentation.genai.anthropic", "1.3b0"),
}
_ANTHROPIC_SDK = Scope("com.anthropic.sdk.python", "2.11.0")
_OPENLIT = Scope("openlit.otel.tracing")
_BY_HAND = Scope("llm-cost")

# What these two tell as the cost comes from price tables of their own: dollars per million tokens in and out,
# caches and tiers left out of account. Farthing keeps it beside its own figure.
_OWN_PRICES = {
    "gpt-4o-mini": (0.15, 0.6),
    "gpt-5": (1.25, 10.0),
    "gemini-2.5-flash": (0.3, 2.5),
    "gemini-2.5-pro": (1.25, 10.0),
}


def writer(feature: Feature, model: Model, dice: Dice) -> Writer:
    """Writes the spans of calls of this feature to this model."""
    match feature.service.dialect:
        case Dialect.OPENAI_V2:
            return _openai_v2(feature, model, dice)
        case Dialect.GENAI:
            return _genai(feature, model, dice)
        case Dialect.GENAI_AND_SDK:
            return _genai_and_sdk(feature, model, dice)
        case Dialect.OPENLIT:
            return _openlit(feature, model, dice)
        case Dialect.BY_HAND:
            return _by_hand(feature, model)


def _response_ids(model: Model, dice: Dice) -> Callable[[], str]:
    """Ids such as the provider gives to its answers."""
    prefix, name = ("msg_01", dice.names(22)) if model.provider == "anthropic" else ("chatcmpl-", dice.names(29))
    return lambda: prefix + name()


def _host(model: Model) -> str:
    return model.host or _HOSTS[model.provider]


def _openai_v2(feature: Feature, model: Model, dice: Dice) -> Writer:
    answer_id = _response_ids(model, dice)
    name = f"{feature.operation} {model.name}"
    embeddings = feature.operation == "embeddings"
    asked: Attributes = {
        "gen_ai.operation.name": feature.operation,
        "gen_ai.request.model": model.name,
        "gen_ai.system": "openai",
        **feature.request,
        "server.address": _host(model),
    }
    answered: Attributes = {**asked, "gen_ai.response.model": model.served}
    answered |= (
        {"gen_ai.embeddings.dimension.count": 1536}
        if embeddings
        else {"gen_ai.openai.response.service_tier": "default"}
    )

    def write(place: Place, made: Made, spans: list[Span]) -> None:
        failure = made.failure
        if failure is not None:
            attributes = {**place.noted, **asked, "error.type": failure.exception}
            spans.append(_span(place, made, name, _OPENAI_V2, attributes, STATUS_ERROR, failure.message))
            return
        attributes = {**place.noted, **answered}
        if not embeddings:
            attributes["gen_ai.response.id"] = answer_id()
            if not made.streamed:
                attributes["gen_ai.response.finish_reasons"] = made.finish
        if made.told:
            attributes["gen_ai.usage.input_tokens"] = made.input
            if not embeddings:
                attributes["gen_ai.usage.output_tokens"] = made.output
        spans.append(_span(place, made, name, _OPENAI_V2, attributes, STATUS_UNSET, ""))

    return write


def _genai(feature: Feature, model: Model, dice: Dice) -> Writer:
    answer_id = _response_ids(model, dice)
    name = f"{feature.operation} {model.name}"
    scope = _GENAI[model.provider]
    anthropic = model.provider == "anthropic"
    asked: Attributes = {
        "gen_ai.operation.name": feature.operation,
        "gen_ai.provider.name": model.provider,
        "gen_ai.request.model": model.name,
        "server.address": _host(model),
        **feature.request,
    }
    answered: Attributes = {**asked, "gen_ai.response.model": model.served}
    if not anthropic:
        answered["openai.response.service_tier"] = "default"

    def write(place: Place, made: Made, spans: list[Span]) -> None:
        failure = made.failure
        attributes = {**place.noted, **(answered if failure is None else asked)}
        if made.streamed:
            attributes["gen_ai.request.stream"] = True
        if failure is not None:
            attributes["error.type"] = failure.qualified
            spans.append(_span(place, made, name, scope, attributes, STATUS_ERROR, failure.message))
            return
        attributes["gen_ai.response.id"] = answer_id()
        attributes["gen_ai.response.finish_reasons"] = made.finish
        if made.streamed:
            attributes["gen_ai.response.time_to_first_chunk"] = made.first_token_ns / 1e9
        if made.told:
            attributes["gen_ai.usage.input_tokens"] = made.input
            attributes["gen_ai.usage.output_tokens"] = made.output
            if anthropic:
                attributes["gen_ai.usage.cache_write.input_tokens"] = made.written
                attributes["gen_ai.usage.cache_read.input_tokens"] = made.cached
            elif made.cached:
                attributes["gen_ai.usage.cache_read.input_tokens"] = made.cached
            if made.reasoning:
                attributes["gen_ai.usage.reasoning.output_tokens"] = made.reasoning
        spans.append(_span(place, made, name, scope, attributes, STATUS_UNSET, ""))

    return write


def _genai_and_sdk(feature: Feature, model: Model, dice: Dice) -> Writer:
    """The instrumentor's span, and within it the one the provider's SDK makes of the same call."""
    request_id = dice.names(21)
    outer = _genai(feature, model, dice)
    asked: Attributes = {
        "server.address": _host(model),
        "gen_ai.provider.name": model.provider,
        "gen_ai.operation.name": feature.operation,
        "gen_ai.request.model": model.name,
        **feature.request,
        "http.request.method": "POST",
        "http.route": "/v1/messages",
    }
    answered: Attributes = {
        **asked,
        "http.response.status_code": 200,
        "gen_ai.response.model": model.served,
        "anthropic.response.service_tier": "standard",
        "anthropic.message.stop_reason": "end_turn",
    }

    def write(place: Place, made: Made, spans: list[Span]) -> None:
        outer(place, made, spans)
        restated = spans[-1].attributes
        failure = made.failure
        attributes = {**place.noted, **(answered if failure is None else asked)}
        if failure is None:
            attributes["anthropic.request.id"] = "req_011" + request_id()
            attributes["gen_ai.response.id"] = restated["gen_ai.response.id"]
            attributes["gen_ai.usage.input_tokens"] = made.input
            attributes["gen_ai.usage.output_tokens"] = made.output
            attributes["gen_ai.usage.cache_write.input_tokens"] = made.written
            attributes["gen_ai.usage.cache_read.input_tokens"] = made.cached
            attributes["anthropic.usage.cache_creation.ephemeral_5m_input_tokens"] = made.written
            attributes["anthropic.usage.cache_creation.ephemeral_1h_input_tokens"] = 0
        else:
            attributes["error.type"] = failure.wire or "connection_error"
            if failure.status:
                attributes["http.response.status_code"] = failure.status
        inner = Place(place.trace_id, place.span_id, place.resource, place.noted, dice.span_id())
        status = STATUS_OK if failure is None else STATUS_ERROR
        sdk = _span(inner, made, "anthropic.messages.create", _ANTHROPIC_SDK, attributes, status, "")
        spans[-1:] = [sdk, spans[-1]]

    return write


def _openlit(feature: Feature, model: Model, dice: Dice) -> Writer:
    answer_id = _response_ids(model, dice)
    name = f"{feature.operation} {model.name}"
    dear = _OWN_PRICES[model.name]
    answered: Attributes = {
        "telemetry.sdk.name": "openlit",
        "gen_ai.operation.name": feature.operation,
        "gen_ai.system": model.provider,
        "gen_ai.request.model": model.name,
        "gen_ai.request.seed": "",
        "server.address": _host(model),
        "server.port": 443,
        "gen_ai.request.frequency_penalty": "0.0",
        "gen_ai.request.max_tokens": str(feature.request["gen_ai.request.max_tokens"]),
        "gen_ai.request.presence_penalty": "0.0",
        "gen_ai.request.stop_sequences": "[]",
        "gen_ai.request.temperature": str(feature.request["gen_ai.request.temperature"]),
        "gen_ai.request.top_p": "1.0",
        "gen_ai.response.model": model.served,
        "gen_ai.request.service_tier": "auto",
        "gen_ai.response.service_tier": "default",
        "gen_ai.response.system_fingerprint": "fp_560af6e559",
        "service.name": feature.service.name,
        "gen_ai.request.user": "",
        "gen_ai.request.is_stream": False,
        "gen_ai.sdk.version": "1.90.0",
        "gen_ai.output.type": "text",
    }

    def write(place: Place, made: Made, spans: list[Span]) -> None:
        failure = made.failure
        if failure is not None:
            # All this generation of the library keeps of a failed call is an event.
            raised = {"exception.type": failure.qualified, "exception.message": failure.message}
            event = SpanEvent("exception", made.end_ns, raised)
            message = f"{failure.exception}: {failure.message}"
            spans.append(_span(place, made, name, _OPENLIT, place.noted, STATUS_ERROR, message, (event,)))
            return
        attributes = {**place.noted, **answered}
        attributes["deployment.environment"] = place.resource.attributes["deployment.environment"]
        attributes["gen_ai.response.id"] = answer_id()
        attributes["gen_ai.response.finish_reasons"] = made.finish
        attributes["gen_ai.usage.input_tokens"] = made.input
        attributes["gen_ai.usage.output_tokens"] = made.output
        attributes["gen_ai.usage.total_tokens"] = made.input + made.output
        attributes["gen_ai.usage.cost"] = (made.input * dear[0] + made.output * dear[1]) / 1e6
        # It takes the whole latency for the time to the first token when nothing was streamed.
        attributes["gen_ai.server.time_to_first_token"] = (made.end_ns - made.start_ns) / 1e9
        spans.append(_span(place, made, name, _OPENLIT, attributes, STATUS_OK, ""))

    return write


def _by_hand(feature: Feature, model: Model) -> Writer:
    dear = _OWN_PRICES[model.name]
    asked: Attributes = {
        "gen_ai.provider.name": model.provider,
        "gen_ai.operation.name": feature.operation,
        "gen_ai.request.model": model.name,
    }

    def write(place: Place, made: Made, spans: list[Span]) -> None:
        failure = made.failure
        attributes = {**place.noted, **asked}
        attributes["gen_ai.response.streaming"] = made.streamed
        attributes["gen_ai.latency.duration_ms"] = (made.end_ns - made.start_ns) / 1e6
        if failure is not None:
            attributes["gen_ai.response.error.type"] = failure.wire
            spans.append(
                _span(place, made, "gen_ai.chat", _BY_HAND, attributes, STATUS_ERROR, failure.message, kind=INTERNAL)
            )
            return
        attributes["gen_ai.response.model"] = model.served
        attributes["gen_ai.response.finish_reasons"] = made.finish
        attributes["gen_ai.usage.input_tokens"] = made.input
        attributes["gen_ai.usage.output_tokens"] = made.output
        attributes["gen_ai.usage.cost_usd"] = round((made.input * dear[0] + made.output * dear[1]) / 1e6, 6)
        if made.streamed:
            attributes["gen_ai.latency.ttft_ms"] = made.first_token_ns / 1e6
        spans.append(_span(place, made, "gen_ai.chat", _BY_HAND, attributes, STATUS_UNSET, "", kind=INTERNAL))

    return write


def _span(  # noqa: PLR0913 - a frozen struct around the arguments of one constructor would cost as much as the span
    place: Place,
    made: Made,
    name: str,
    scope: Scope,
    attributes: Attributes,
    status: int,
    message: str,
    events: tuple[SpanEvent, ...] = (),
    *,
    kind: int = CLIENT,
) -> Span:
    return Span(
        place.trace_id,
        place.span_id,
        place.parent_span_id,
        name,
        kind,
        made.start_ns,
        made.end_ns,
        status,
        message,
        scope,
        place.resource,
        attributes,
        events,
    )
