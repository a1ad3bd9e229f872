"""Langfuse's usage details as JSON in; a Usage in disjoint buckets out.

Two things stand in this attribute. A provider's usage object as it is: what OpenAI's drop-in passes on. Or buckets of free
names: by Langfuse's convention they are disjoint, `input` what no `input_…` and nothing of a cache names, `output` likewise.
Applications that do not keep to it are found out by their `total`.
"""

from typing import Any

from farthing.model.usage import MISSING, Usage
from farthing.normalize import provider_usage
from farthing.normalize.usage import Counts, count, settle

_PARTS: dict[str, str] = {
    "input_cached_tokens": "cache_read",
    "input_cache_read": "cache_read",
    "input_cache_read_tokens": "cache_read",
    "cache_read_input_tokens": "cache_read",
    "cached_input_tokens": "cache_read",
    "cached_tokens": "cache_read",
    "cache_read": "cache_read",
    "input_cache_creation": "cache_write",
    "input_cache_write_tokens": "cache_write",
    "input_cache_creation_tokens": "cache_write",
    "cache_creation_input_tokens": "cache_write",
    "cache_write_input_tokens": "cache_write",
    "cache_creation": "cache_write",
    "cache_write": "cache_write",
    "input_audio_tokens": "audio_input",
    "input_audio": "audio_input",
    "input_modality_audio": "audio_input",
    "input_image_tokens": "image_input",
    "input_image": "image_input",
    "input_modality_image": "image_input",
    "input_video_tokens": "video_input",
    "input_modality_video": "video_input",
    "output_reasoning_tokens": "reasoning",
    "output_reasoning": "reasoning",
    "reasoning_tokens": "reasoning",
    "reasoning": "reasoning",
    "thoughts_token_count": "reasoning",
    "output_audio_tokens": "audio_output",
    "output_audio": "audio_output",
    "output_modality_audio": "audio_output",
    "output_image_tokens": "image_output",
    "output_image": "image_output",
    "output_modality_image": "image_output",
    "output_video_tokens": "video_output",
    "output_modality_video": "video_output",
}
"""Name of a bucket, in small letters → ours."""

_OF_INPUT = frozenset({"cache_read", "cache_write", "audio_input", "image_input", "video_input"})
_ONE_HOUR = (
    "cache_creation_ephemeral_1h_input_tokens",
    "input_cache_creation_ephemeral_1h_input_tokens",
    "input_ephemeral_1h_input_tokens",
    "input_cache_creation_1h",
    "input_cache_write_1h",
)
_FIVE_MINUTES = tuple(name.replace("_1h", "_5m") for name in _ONE_HOUR)
_OVERLAPPING = ("priority", "flex", "tool_use_prompt")
"""What the first word after `input_` or `output_` may be of counts that lie across the buckets."""

_PROVIDERS_OWN = frozenset({"input_tokens", "output_tokens", "input_tokens_details", "output_tokens_details"})
"""Names that begin like a bucket's, but stand in a provider's object."""

_CACHED_BY_MODALITY = "cached_modality_"
_CACHED = "cached_content_token_count"
"""What was cached, by modality and in all: Gemini's usage has both."""


def read(raw: Any) -> Usage:
    """The usage told; missing when it is no object or tells no count."""
    told = provider_usage.as_object(raw)
    if not told:
        return MISSING
    if not any(_is_bucket(name) for name in told):
        shaped = provider_usage.of(told)
        return MISSING if shaped is None else shaped.settled()
    return _of_buckets({name.lower(): tokens for name in told if (tokens := count(told[name])) is not None})


def _is_bucket(name: str) -> bool:
    return name in ("input", "output") or (name.startswith(("input_", "output_")) and name not in _PROVIDERS_OWN)


def _of_buckets(told: dict[str, int]) -> Usage:
    counts = Counts(cache_write_1h=_sum(told, _ONE_HOUR))
    rest = {"input": 0, "output": 0}
    for name, tokens in told.items():
        part = _part(name, told)
        if part:
            setattr(counts, part, (getattr(counts, part) or 0) + tokens)
        elif _is_other_part(name):
            rest[name.partition("_")[0]] += tokens
    by_lifetime = _sum(told, _ONE_HOUR + _FIVE_MINUTES)
    if by_lifetime is not None:
        counts.cache_write = max(by_lifetime, counts.cache_write or 0)
    named = {side: rest[side] + _named(counts, of_input=side == "input") for side in rest}
    adds = _what_adds(told, named)
    for side, unnamed in rest.items():
        if side in told:
            setattr(counts, side, told[side] + (named[side] if adds[side] else 0))
        elif unnamed:
            setattr(counts, side, named[side])
    return settle(counts, input_includes_cache=True)


def _part(name: str, told: dict[str, int]) -> str:
    """Our name of this part; "" when we have none, or another name tells the same."""
    if name.startswith(_CACHED_BY_MODALITY):
        return "cache_read"
    if name == _CACHED:
        return "" if any(other.startswith(_CACHED_BY_MODALITY) for other in told) else "cache_read"
    return _PARTS.get(name, "")


def _what_adds(told: dict[str, int], named: dict[str, int]) -> dict[str, bool]:
    """Side → whether the parts stand beside the whole: as by convention, unless only the other makes up the total."""
    total, plain = told.get("total"), told.get("input", 0) + told.get("output", 0)
    for of_input, of_output in ((True, True), (False, False), (True, False), (False, True)):
        if total == plain + of_input * named["input"] + of_output * named["output"]:
            return {"input": of_input, "output": of_output}
    return {"input": True, "output": True}


def _named(counts: Counts, *, of_input: bool) -> int:
    parts = _OF_INPUT if of_input else ("reasoning", "audio_output", "image_output", "video_output")
    return sum(getattr(counts, part) or 0 for part in parts)


def _is_other_part(name: str) -> bool:
    """Whether it is a part of a side that has no bucket of its own with us: text, predictions."""
    side, _, part = name.partition("_")
    return (
        side in ("input", "output")
        and bool(part)
        and not part.startswith(_OVERLAPPING)
        and name not in _ONE_HOUR + _FIVE_MINUTES
    )


def _sum(told: dict[str, int], names: tuple[str, ...]) -> int | None:
    found = [told[name] for name in names if name in told]
    return sum(found) if found else None
