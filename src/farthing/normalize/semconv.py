"""A span with OpenTelemetry GenAI attributes in; the fields of a call out. Old and new spellings are data, in one table.

Source: OpenTelemetry GenAI semantic conventions, current and deprecated names
(https://github.com/open-telemetry/semantic-conventions-genai), and names that hand-written
instrumentation uses beside them.
"""

from collections.abc import Mapping
from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import Any, cast

import msgspec

from farthing.model import money
from farthing.model.call import Call, Status
from farthing.model.span import STATUS_ERROR, Attributes, Span, Value
from farthing.model.usage import MISSING, Usage
from farthing.normalize import providers, usage
from farthing.normalize.reading import Reading
from farthing.normalize.vocabulary import Vocabulary

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
TOTAL = ("gen_ai.usage.total_tokens", "llm.usage.total_tokens")
CACHE_READ = (
    "gen_ai.usage.cache_read.input_tokens",
    "gen_ai.usage.cache_read_input_tokens",
    "gen_ai.usage.cache_read_tokens",
    "gen_ai.usage.input_tokens.cached",
    "gen_ai.usage.cached_input_tokens",
    "gen_ai.usage.cached_tokens",
    "gen_ai.usage.prompt_tokens_details.cached_tokens",
)
CACHE_WRITE = (
    "gen_ai.usage.cache_write.input_tokens",
    "gen_ai.usage.cache_creation.input_tokens",
    "gen_ai.usage.cache_creation_input_tokens",
    "gen_ai.usage.cache_write_tokens",
    "gen_ai.usage.input_tokens.cache_write",
    "gen_ai.usage.prompt_tokens_details.cache_creation_tokens",
)
CACHE_WRITE_1H = ("anthropic.usage.cache_creation.ephemeral_1h_input_tokens",)
REASONING = (
    "gen_ai.usage.reasoning.output_tokens",
    "gen_ai.usage.reasoning_tokens",
    "gen_ai.usage.output_tokens.reasoning",
    "gen_ai.usage.completion_tokens_details.reasoning_tokens",
)
AUDIO_INPUT = ("gen_ai.usage.audio.input_tokens",)
AUDIO_CACHE_READ = ("gen_ai.usage.audio.cache_read.input_tokens",)
AUDIO_OUTPUT = ("gen_ai.usage.audio.output_tokens", "gen_ai.usage.completion_tokens_details.audio_tokens")
IMAGE_INPUT = ("gen_ai.usage.image.input_tokens",)
IMAGE_CACHE_READ = ("gen_ai.usage.image.cache_read.input_tokens",)
IMAGE_OUTPUT = ("gen_ai.usage.image.output_tokens",)
VIDEO_INPUT = ("gen_ai.usage.video.input_tokens",)
VIDEO_OUTPUT = ("gen_ai.usage.video.output_tokens",)
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

CONVENTIONS = Vocabulary(
    {
        "operation": (OPERATION,),
        "provider": PROVIDER,
        "request_model": REQUEST_MODEL,
        "response_model": RESPONSE_MODEL,
        "response_id": RESPONSE_ID,
        "external_id": EXTERNAL_ID,
        "input": INPUT,
        "output": OUTPUT,
        "total": TOTAL,
        "cache_read": CACHE_READ,
        "cache_write": CACHE_WRITE,
        "cache_write_1h": CACHE_WRITE_1H,
        "reasoning": REASONING,
        "audio_input": AUDIO_INPUT,
        "audio_cache_read": AUDIO_CACHE_READ,
        "audio_output": AUDIO_OUTPUT,
        "image_input": IMAGE_INPUT,
        "image_cache_read": IMAGE_CACHE_READ,
        "image_output": IMAGE_OUTPUT,
        "video_input": VIDEO_INPUT,
        "video_output": VIDEO_OUTPUT,
        "cost": COST,
        "streaming": STREAMING,
        "ttft_s": TTFT_SECONDS,
        "ttft_ms": TTFT_MS,
        "duration_ms": DURATION_MS,
        "error_type": ERROR_TYPE,
        "finish": FINISH,
        "requested_tier": REQUESTED_TIER,
        "served_tier": SERVED_TIER,
    }
)
"""The conventions' own names, those of today first. A dialect of other names extends it."""

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

_OPERATIONS = {
    "chat.completions": "chat",
    "chat_completion": "chat",
    "completion": "text_completion",
    "text.completions": "text_completion",
    "embed": "embeddings",
    "embedding": "embeddings",
}
"""Operations as some instrumentation spells them → the conventions' word."""

CALLS = frozenset({"chat", "text_completion", "generate_content", "embeddings"})

_COUNTED = frozenset(usage.Counts.__struct_fields__)
_PARTS = _COUNTED - {"input", "output", "cache_read", "total"}
_OK, _ERROR = Status.OK, Status.ERROR
_ROUNDING = Context(prec=60, rounding=ROUND_HALF_EVEN)
_FINEST = Decimal(1).scaleb(-money.SCALE)
_MOST_DOLLARS = 10**12
_LONGEST_NS = 366 * 86_400 * 10**9


def text(attributes: Attributes, names: tuple[str, ...]) -> str:
    """The first of these attributes that holds a non-empty value, as text; "" when none does."""
    for name in names:
        found = attributes.get(name)
        if found is not None and found != "":
            return _text(found)
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
    if isinstance(operation, str):  # what isn't may not even be hashable
        if operation in CALLS:
            return True
        if operation in NOT_CALLS:
            return False
    return "gen_ai.request.model" in attributes or "gen_ai.response.model" in attributes


def call(
    span: Span,
    dialect: str,
    *,
    input_includes_cache: bool,
    vocabulary: Vocabulary = CONVENTIONS,
    operation: str = "",
) -> Call:
    """The call this span describes, by the attributes of a vocabulary; `operation` where the dialect has read it itself."""
    told = vocabulary.told(span.attributes)
    get = told.get
    is_error = span.status == STATUS_ERROR or "error_type" in told
    operation = operation_named(operation or _text(get("operation", "chat")))
    ttft = _nanoseconds(get("ttft_ms"), 10**6)
    duration = _nanoseconds(get("duration_ms"), 10**6)
    # By the order of its fields: by their names it takes several times as long.
    return Call(
        span.trace_id,
        span.span_id,
        span.start_ns,
        span.end_ns - span.start_ns if duration is None else duration,
        dialect,
        providers.canonical(_text(get("provider", ""))),
        _text(get("request_model", "")),
        _text(get("response_model", "")),
        operation,
        _text(get("response_id", "")),
        _text(get("external_id", "")),
        _ERROR if is_error else _OK,
        error_type(span) if is_error else "",
        _finish_reason(get("finish")),
        _flag(get("streaming")),
        _nanoseconds(get("ttft_s"), 10**9) if ttft is None else ttft,
        _text(get("requested_tier", "")),
        _text(get("served_tier", "")),
        usage_of(told, operation, input_includes_cache=input_includes_cache),
        dollars(get("cost")),
    )


def operation_named(told: str) -> str:
    """The conventions' word for an operation."""
    return _OPERATIONS.get(told, told)


def reading(call: Call) -> Reading:
    """A call whose operation says whether it contains others."""
    return Reading(call, call.operation in WRAPPERS)


def counts(told: Mapping[str, Value], operation: str) -> usage.Counts | None:
    """The token counts among what a vocabulary found; None when there is none."""
    number = {
        field: counted for field, raw in told.items() if field in _COUNTED and (counted := usage.count(raw)) is not None
    }
    if operation == "embeddings" and "input" in number:
        number.setdefault("output", 0)  # an embedding has no output tokens: this zero is known
    return usage.Counts(**number) if number else None


def usage_of(told: Mapping[str, Value], operation: str, *, input_includes_cache: bool) -> Usage:
    """The usage among what a vocabulary found."""
    get: Any = told.get
    given, written, read, total = get("input"), get("output"), get("cache_read"), get("total")
    if (  # as nearly always
        input_includes_cache
        and given.__class__ is int
        and written.__class__ is int
        and (read is None or read.__class__ is int)
        and 0 <= (read or 0) <= given <= usage.MOST_TOKENS >= written >= 0
        and (not read or total is None or (total.__class__ is int and total != given + read + written))
        and _PARTS.isdisjoint(told)
    ):
        return usage.plain(given, read, written)
    found = counts(told, operation)
    return MISSING if found is None else usage.settle(found, input_includes_cache=input_includes_cache)


def _text(value: Value) -> str:
    return value if isinstance(value, str) else str(value)


def _flag(value: Value) -> bool | None:
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.lower() in ("true", "false"):
        return value.lower() == "true"
    return None


def _nanoseconds(value: Value, unit_ns: int) -> int | None:
    """A plausible duration, given in units of `unit_ns`, or None."""
    if value is None or isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return round(value * unit_ns) if 0 <= value * unit_ns <= _LONGEST_NS else None


def dollars(value: Value) -> int | None:
    """An amount of dollars in units of 10^-24. A double is read by its shortest text, which is what the emitter meant."""
    if value is None or isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    try:
        amount = Decimal(str(value))
    except ArithmeticError:
        return None
    if not amount.is_finite() or not 0 <= amount < _MOST_DOLLARS:
        return None
    return money.to_units(amount.quantize(_FINEST, context=_ROUNDING))


def _finish_reason(value: Value) -> str:
    """Why the model stopped; several choices are joined by commas."""
    if isinstance(value, str) and value.startswith("["):
        try:
            value = msgspec.json.decode(value)
        except msgspec.DecodeError:
            return ""
    if isinstance(value, list):
        items = cast("list[Any]", value)
        return str(items[0]) if len(items) == 1 else ",".join(map(str, items))
    return value if isinstance(value, str) else ""
