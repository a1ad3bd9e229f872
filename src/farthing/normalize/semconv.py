"""A span with OpenTelemetry GenAI attributes in; the fields of a call out. Old and new spellings are data, in one table.

Source: OpenTelemetry GenAI semantic conventions, current and deprecated names
(https://github.com/open-telemetry/semantic-conventions-genai), and names that hand-written
instrumentation uses beside them.
"""

from collections.abc import Iterable
from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import Any, cast

import msgspec

from farthing.model import money
from farthing.model.call import Call, Status
from farthing.model.span import STATUS_ERROR, Attributes, Span
from farthing.normalize import providers, usage

OPERATION = "gen_ai.operation.name"
PROVIDER = ("gen_ai.provider.name", "gen_ai.system")
REQUEST_MODEL = ("gen_ai.request.model",)
RESPONSE_MODEL = ("gen_ai.response.model",)
RESPONSE_ID = ("gen_ai.response.id",)
EXTERNAL_ID = ("externalRequestId", "external_request_id")
INPUT = ("gen_ai.usage.input_tokens", "gen_ai.usage.prompt_tokens", "llm.usage.prompt_tokens")
OUTPUT = (
    "gen_ai.usage.output_tokens",
    "gen_ai.usage.completion_tokens",
    "llm.usage.completion_tokens",
)
CACHE_READ = (
    "gen_ai.usage.cache_read.input_tokens",
    "gen_ai.usage.cache_read_input_tokens",
    "gen_ai.usage.cache_read_tokens",
)
CACHE_WRITE = (
    "gen_ai.usage.cache_write.input_tokens",
    "gen_ai.usage.cache_creation.input_tokens",
    "gen_ai.usage.cache_creation_input_tokens",
    "gen_ai.usage.cache_write_tokens",
)
CACHE_WRITE_1H = ("anthropic.usage.cache_creation.ephemeral_1h_input_tokens",)
REASONING = ("gen_ai.usage.reasoning.output_tokens", "gen_ai.usage.reasoning_tokens")
AUDIO_INPUT = ("gen_ai.usage.audio.input_tokens",)
AUDIO_OUTPUT = ("gen_ai.usage.audio.output_tokens",)
IMAGE_INPUT = ("gen_ai.usage.image.input_tokens",)
IMAGE_OUTPUT = ("gen_ai.usage.image.output_tokens",)
COST = ("gen_ai.usage.cost_usd", "gen_ai.usage.cost", "gen_ai.usage.cost.amount")
STREAMING = (
    "gen_ai.request.stream",
    "gen_ai.request.is_stream",
    "gen_ai.response.streaming",
    "gen_ai.is_streaming",
    "llm.is_streaming",
)
TTFT_SECONDS = (
    "gen_ai.response.time_to_first_chunk",
    "gen_ai.client.operation.time_to_first_chunk",
    "gen_ai.server.time_to_first_token",
)
TTFT_MS = ("gen_ai.latency.ttft_ms",)
DURATION_MS = ("gen_ai.latency.duration_ms",)
ERROR_TYPE = ("error.type", "gen_ai.response.error.type")
FINISH = ("gen_ai.response.finish_reasons", "anthropic.message.stop_reason")
REQUESTED_TIER = (
    "openai.request.service_tier",
    "gen_ai.openai.request.service_tier",
    "gen_ai.request.service_tier",
)
SERVED_TIER = (
    "openai.response.service_tier",
    "gen_ai.openai.response.service_tier",
    "gen_ai.response.service_tier",
    "anthropic.response.service_tier",
)

WRAPPERS = frozenset(
    {"invoke_agent", "invoke_workflow", "agent_step", "execute_task", "workflow", "task", "agent", "chain"}
)
"""Operations that contain model calls and may repeat their usage."""

NOT_CALLS = frozenset(
    {
        "execute_tool",
        "retrieval",
        "create_agent",
        "fetch_response",
        "plan",
        "create_memory",
        "update_memory",
        "upsert_memory",
        "search_memory",
        "delete_memory",
        "create_memory_store",
        "delete_memory_store",
    }
)
"""Operations that are no model call and whose usage, if any, repeats another span's."""

_MICRO = Context(prec=60, rounding=ROUND_HALF_EVEN)
_LONGEST_NS = 366 * 86_400 * 10**9


def text(attributes: Attributes, names: tuple[str, ...]) -> str:
    """The first of these attributes that holds a non-empty value, as text; "" when none does."""
    for name in names:
        found = attributes.get(name)
        if found is not None and found != "":
            return found if isinstance(found, str) else str(found)
    return ""


def number(attributes: Attributes, names: tuple[str, ...]) -> int | None:
    """The first of these attributes that holds a token count."""
    for name in names:
        found = attributes.get(name)
        if found is not None:
            counted = usage.count(found)
            if counted is not None:
                return counted
    return None


def flag(attributes: Attributes, names: tuple[str, ...]) -> bool | None:
    """The first of these attributes that is present, read as yes or no."""
    for name in names:
        found = attributes.get(name)
        if isinstance(found, bool):
            return found
        if isinstance(found, str) and found.lower() in ("true", "false"):
            return found.lower() == "true"
    return None


def nanoseconds(attributes: Attributes, names: tuple[str, ...], unit_ns: int) -> int | None:
    """The first of these attributes that is a plausible duration, given in units of `unit_ns`."""
    for name in names:
        found = attributes.get(name)
        if isinstance(found, bool) or not isinstance(found, int | float):
            continue
        if 0 <= found * unit_ns <= _LONGEST_NS:
            return round(found * unit_ns)
    return None


def dollars(attributes: Attributes, names: tuple[str, ...]) -> int | None:
    """The first of these attributes that is an amount of dollars, in units of 10^-24 dollars.

    A double is read by its shortest decimal text, which is what the emitter meant.
    """
    for name in names:
        found = attributes.get(name)
        if isinstance(found, str | int | float) and not isinstance(found, bool):
            try:
                value = Decimal(str(found))
            except ArithmeticError:
                continue
            if value.is_finite() and 0 <= value < 10**12:
                return money.to_units(value.quantize(Decimal(1).scaleb(-money.SCALE), context=_MICRO))
    return None


def counts(attributes: Attributes) -> usage.Counts:
    """Token counts under any of their names."""
    return usage.Counts(
        input=number(attributes, INPUT),
        output=number(attributes, OUTPUT),
        cache_read=number(attributes, CACHE_READ),
        cache_write=number(attributes, CACHE_WRITE),
        cache_write_1h=number(attributes, CACHE_WRITE_1H),
        reasoning=number(attributes, REASONING),
        audio_input=number(attributes, AUDIO_INPUT),
        audio_output=number(attributes, AUDIO_OUTPUT),
        image_input=number(attributes, IMAGE_INPUT),
        image_output=number(attributes, IMAGE_OUTPUT),
    )


def finish_reason(attributes: Attributes) -> str:
    """Why the model stopped; several choices are joined by commas."""
    for name in FINISH:
        found = attributes.get(name)
        if isinstance(found, str) and found.startswith("["):
            try:
                found = msgspec.json.decode(found)
            except msgspec.DecodeError:
                continue
        if isinstance(found, list):
            return ",".join(str(item) for item in cast("list[Any]", found))
        if isinstance(found, str) and found:
            return found
    return ""


def error_type(span: Span) -> str:
    """What kind of error ended the call: the attribute, else the recorded exception's type."""
    named = text(span.attributes, ERROR_TYPE)
    if named:
        return named
    for event in span.events:
        if event.name == "exception":
            return text(event.attributes, ("exception.type",))
    return ""


def looks_like_call(attributes: Attributes) -> bool:
    """Whether the attributes describe a model call (or something that wraps one)."""
    operation = attributes.get(OPERATION)
    if operation in NOT_CALLS:
        return False
    return (
        "gen_ai.request.model" in attributes
        or "gen_ai.response.model" in attributes
        or operation
        in (
            "chat",
            "text_completion",
            "generate_content",
            "embeddings",
        )
    )


def call(span: Span, dialect: str, *, input_includes_cache: bool) -> Call:
    """The call this span describes, by the attributes above."""
    attributes = span.attributes
    failed = error_type(span) if span.status == STATUS_ERROR or _any(attributes, ERROR_TYPE) else ""
    is_error = span.status == STATUS_ERROR or bool(failed)
    told = counts(attributes)
    operation = text(attributes, (OPERATION,)) or "chat"
    if operation == "embeddings" and told.input is not None and told.output is None:
        told.output = 0  # an embedding has no output tokens: this zero is known
    duration = nanoseconds(attributes, DURATION_MS, 10**6)
    ttft = nanoseconds(attributes, TTFT_MS, 10**6)
    return Call(
        trace_id=span.trace_id,
        span_id=span.span_id,
        start_ns=span.start_ns,
        duration_ns=span.end_ns - span.start_ns if duration is None else duration,
        dialect=dialect,
        provider=providers.canonical(text(attributes, PROVIDER)),
        request_model=text(attributes, REQUEST_MODEL),
        response_model=text(attributes, RESPONSE_MODEL),
        operation=operation,
        response_id=text(attributes, RESPONSE_ID),
        external_request_id=text(attributes, EXTERNAL_ID),
        status=Status.ERROR if is_error else Status.OK,
        error_type=failed,
        finish_reason=finish_reason(attributes),
        streaming=flag(attributes, STREAMING),
        ttft_ns=nanoseconds(attributes, TTFT_SECONDS, 10**9) if ttft is None else ttft,
        requested_tier=text(attributes, REQUESTED_TIER),
        served_tier=text(attributes, SERVED_TIER),
        usage=usage.settle(told, input_includes_cache=input_includes_cache),
        reported_cost=dollars(attributes, COST),
    )


def _any(attributes: Attributes, names: Iterable[str]) -> bool:
    return any(attributes.get(name) for name in names)
