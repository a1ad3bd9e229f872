"""Spans of Pydantic AI, 0.4 to now, in every format of its own versioning, in; a call or None out.

- `chat …` and `embeddings …` are the model calls; so is a `model request attempt …`, one that a fallback model made in
  vain. Tools are none.
- An agent's run (`agent run`, later `invoke_agent …`) repeats the usage of all calls within it, under the same names as
  they or, since 2.0, under `gen_ai.aggregated_usage`.
- Input includes the cache, with every provider. `gen_ai.usage.details.*` holds the parts, some of them under two names
  or, from the conventions, a third. A part that is zero is left out until 2.0.
- Until 1.0 a stream of Anthropic's counts more than once what its events count up. Nothing says that it was a stream but
  that the model that answered is named as it was asked for; where that is an alias it can't be a whole answer's.
- Until 0.7 output leaves Gemini's thoughts out, and `details.audio_tokens` is the input's audio; from then on it is the
  output's.
"""

import re

import msgspec

from farthing.model.call import Call, Operation, Status
from farthing.model.span import Span
from farthing.model.usage import MISSING, Usage, UsageSource
from farthing.normalize import semconv
from farthing.normalize.reading import Reading
from farthing.normalize.usage import count, settle
from farthing.normalize.vocabulary import Vocabulary

NAME = "pydantic_ai"
SCOPES = ("pydantic-ai",)
MARKERS: tuple[str, ...] = ()

_DETAILS = "gen_ai.usage.details."
_PARTS = {
    "cache_read": ("cache_read_tokens", "cache_read_input_tokens", "cached_tokens", "cached_content_tokens"),
    "cache_write": ("cache_write_tokens", "cache_creation_input_tokens"),
    "reasoning": ("reasoning_tokens", "thoughts_tokens"),
    "audio_input": ("input_audio_tokens", "audio_prompt_tokens"),
    "audio_cache_read": ("cache_audio_read_tokens", "audio_cache_tokens"),
    "audio_output": ("output_audio_tokens", "audio_candidates_tokens"),
    "image_input": ("image_prompt_tokens", "input_image_tokens"),
    "image_cache_read": ("image_cache_tokens",),
    "image_output": ("image_candidates_tokens", "output_image_tokens"),
    "video_input": ("video_prompt_tokens",),
    "video_output": ("video_candidates_tokens",),
}
_CALLS = semconv.CONVENTIONS.extended(
    {field: tuple(_DETAILS + name for name in names) for field, names in _PARTS.items()}
    | {"cost": ("operation.cost",), "thoughts": (), "audio": (_DETAILS + "audio_tokens",)}
)
_OLD_CALLS = Vocabulary(
    _CALLS.fields
    | {
        "reasoning": tuple(name for name in _CALLS.fields["reasoning"] if name != _DETAILS + "thoughts_tokens"),
        "thoughts": (_DETAILS + "thoughts_tokens",),
    }
)
_AGGREGATED = "gen_ai.aggregated_usage."
_RUNS = _CALLS.extended(
    {
        "request_model": ("model_name",),
        "input": (_AGGREGATED + "input_tokens",),
        "output": (_AGGREGATED + "output_tokens",),
        "cache_read": (_AGGREGATED + "cache_read.input_tokens",),
        "cache_write": (_AGGREGATED + "cache_creation.input_tokens",),
        "reasoning": (_AGGREGATED + "details.reasoning_tokens",),
    }
)

_RUN = "invoke_agent"
_RUN_NAMES = ("agent run", "invoke_agent")
_ATTEMPT = "model request attempt "
_MADE = frozenset({*semconv.CALLS, "image_generation"})
_OLD = re.compile(r"0\.[0-7]\.")
_SNAPSHOT = re.compile(r"-\d{8}")


def read(span: Span) -> Reading | None:
    """The call this span describes; None when it describes none."""
    said = span.attributes.get(semconv.OPERATION)
    operation = said if isinstance(said, str) else ""
    if operation == _RUN or (not operation and span.name.startswith(_RUN_NAMES)):
        found = semconv.call(span, NAME, input_includes_cache=True, vocabulary=_RUNS)
        return Reading(msgspec.structs.replace(found, operation=_RUN, reported_cost=None), wrapper=True)
    if operation in _MADE or (not operation and span.name.startswith(_ATTEMPT)):
        return Reading(_call(span, operation or Operation.CHAT))
    return None


def _call(span: Span, operation: str) -> Call:
    is_old = _OLD.match(span.scope.version) is not None
    vocabulary = _OLD_CALLS if is_old else _CALLS
    told = vocabulary.told(span.attributes)
    counts = semconv.counts(told, operation)
    if counts is not None:
        if thoughts := count(told.get("thoughts")):
            counts.reasoning = thoughts
            counts.output = (counts.output or 0) + thoughts
        audio = count(told.get("audio"))
        if is_old:
            counts.audio_input = audio if counts.audio_input is None else counts.audio_input
        else:
            counts.audio_output = audio if counts.audio_output is None else counts.audio_output
    found = semconv.call(span, NAME, input_includes_cache=True, vocabulary=vocabulary)
    is_miscounted = span.scope.version.startswith("0.") and _is_stream_of_anthropic(found)
    usage = MISSING if counts is None else settle(counts, input_includes_cache=True)
    return msgspec.structs.replace(
        found,
        operation=Operation.GENERATE_CONTENT if operation == "image_generation" else operation,
        streaming=True if found.ttft_ns is not None or is_miscounted else found.streaming,
        usage=Usage(source=UsageSource.ESTIMATED) if is_miscounted and usage.buckets else usage,
        reported_cost=found.reported_cost or None,
    )


def _is_stream_of_anthropic(call: Call) -> bool:
    return (
        call.provider == "anthropic"
        and call.status is Status.OK
        and call.request_model == call.response_model
        and not _SNAPSHOT.search(call.request_model)
    )
