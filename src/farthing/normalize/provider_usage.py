"""A usage object in the shape of a provider's own API in; its counts, and whether input includes the cache, out.

Several libraries pass it on as JSON. The shape tells the convention: OpenAI, Gemini and their kin count cached input as
part of the input, Anthropic and Bedrock count it apart. A name without a value, or none at all, stays unknown.
"""

from typing import Any, cast

import msgspec

from farthing.model.usage import Usage
from farthing.normalize.usage import Counts, count, settle

_OUTPUT_TOKENS_DETAILS = (
    "output_tokens_details",
    "output_token_details",
    "completion_tokens_details",
    "outputTokensDetails",
    "completionTokensDetails",
)
_INPUT_TOKENS_DETAILS = (
    "input_tokens_details",
    "input_token_details",
    "prompt_tokens_details",
    "inputTokensDetails",
    "promptTokensDetails",
)
_APART = frozenset(
    {
        "cache_creation_input_tokens",
        "cache_read_input_tokens",
        "cache_creation",
        "cacheReadInputTokens",
        "cacheWriteInputTokens",
        "cacheCreationInputTokens",
        "cacheReadInputTokenCount",
        "cacheWriteInputTokenCount",
    }
)
"""Names of providers that count the cache beside the input, unless what stands beside it is OpenAI's spelling."""
_OF_GEMINI = frozenset({"promptTokenCount", "prompt_token_count", "candidatesTokenCount"})
_LIFETIMES = (
    "ephemeral_5m_input_tokens",
    "ephemeral_30m_input_tokens",
    "ephemeral_1h_input_tokens",
    "ephemeral_12h_input_tokens",
)
"""Anthropic's names, and LiteLLM's for others' lifetimes."""


class Shaped(msgspec.Struct, frozen=True):
    """What a usage object says."""

    counts: Counts
    input_includes_cache: bool

    def settled(self) -> Usage:
        """In disjoint buckets."""
        return settle(self.counts, input_includes_cache=self.input_includes_cache)

    def agrees(self, told: Counts) -> bool:
        """Whether it is whole and tells of the same input and output, however these count cache and reasoning."""
        its = self.counts
        if its.input is None or its.output is None:
            return False
        whole = its.input if self.input_includes_cache else its.input + (its.cache_read or 0) + (its.cache_write or 0)
        return told.input in (its.input, whole) and told.output in (its.output, its.output - (its.reasoning or 0))


def of(raw: Any) -> Shaped | None:
    """The counts of a usage object or its JSON; None when it is no such thing or tells no count."""
    found = as_object(raw)
    if not found:
        return None
    shaped = _gemini(found) if _is_gemini(found) else _common(found)
    return shaped if shaped.counts != Counts() else None


def as_object(raw: Any) -> dict[str, Any]:
    """A JSON object, or one that is decoded already; an empty one for anything else."""
    if isinstance(raw, str | bytes):
        try:
            raw = msgspec.json.decode(raw)
        except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
            return {}
    return cast("dict[str, Any]", raw) if isinstance(raw, dict) else {}


def _is_gemini(usage: dict[str, Any]) -> bool:
    return not _OF_GEMINI.isdisjoint(usage)


def _common(usage: dict[str, Any]) -> Shaped:
    """OpenAI (both APIs), Anthropic, Bedrock, and those who speak like one of them."""
    of_input = _part(usage, *_INPUT_TOKENS_DETAILS)
    of_output = _part(usage, *_OUTPUT_TOKENS_DETAILS)
    writes = _part(usage, "cache_creation")
    lifetimes = _part(of_input, "cache_write_tokens_details")
    cached = _part(of_input, "cached_tokens_details")
    apart = not _APART.isdisjoint(usage) and "prompt_tokens" not in usage and not of_input
    output = _first(usage, "completion_tokens", "output_tokens", "outputTokens", "completionTokens", "outputTokenCount")
    counts = Counts(
        input=_first(usage, "prompt_tokens", "input_tokens", "inputTokens", "promptTokens", "inputTokenCount"),
        output=output,
        cache_read=_either(
            _first(
                usage,
                "cache_read_input_tokens",
                "cacheReadInputTokens",
                "cacheReadInputTokenCount",
                "prompt_cache_hit_tokens",
                "promptCacheHitTokens",
                "cached_tokens",
                "cachedPromptTokens",
                "cachedInputTokens",
            ),
            _first(of_input, "cached_tokens", "cachedTokens", "cache_read"),
        ),
        cache_write=_either(
            _first(
                usage,
                "cache_creation_input_tokens",
                "cacheCreationInputTokens",
                "cacheWriteInputTokens",
                "cacheWriteInputTokenCount",
                "cacheWriteTokens",
            ),
            _first(of_input, "cache_write_tokens", "cache_creation_tokens", "cacheWriteTokens", "cache_creation"),
            _sum(writes, *_LIFETIMES),
            _sum(lifetimes, "ttl_30m_tokens", "ttl_12h_tokens"),
        ),
        cache_write_30m=_either(_first(lifetimes, "ttl_30m_tokens"), _first(writes, "ephemeral_30m_input_tokens")),
        cache_write_1h=_either(_first(writes, "ephemeral_1h_input_tokens"), _of_ttl(usage, "1h")),
        cache_write_12h=_either(_first(lifetimes, "ttl_12h_tokens"), _first(writes, "ephemeral_12h_input_tokens")),
        reasoning=_either(
            _first(of_output, "reasoning_tokens", "reasoningTokens", "thinking_tokens", "reasoning"),
            _first(usage, "reasoning_tokens", "reasoningTokens"),
        ),
        audio_input=_first(of_input, "audio_tokens", "audioTokens", "audio"),
        audio_cache_read=_first(cached, "audio_tokens"),
        audio_output=_first(of_output, "audio_tokens", "audioTokens", "audio"),
        image_input=_first(of_input, "image_tokens"),
        image_cache_read=_first(cached, "image_tokens"),
        image_output=_first(of_output, "image_tokens"),
        video_input=_first(of_input, "video_tokens"),
        video_output=_first(of_output, "video_tokens"),
    )
    if "citation_tokens" in usage and output is not None:
        counts.output = output + (counts.reasoning or 0)  # Perplexity's deep research counts its reasoning apart
    if output is None and counts.input is not None and _first(usage, "total_tokens") == counts.input:
        counts.output = 0  # an embedding: everything was input
    return Shaped(counts, not apart)


def _gemini(usage: dict[str, Any]) -> Shaped:
    """Thoughts stand beside the candidates, what tools put into the prompt beside the prompt."""
    prompt = _first(usage, "promptTokenCount", "prompt_token_count")
    tools = _first(usage, "toolUsePromptTokenCount", "tool_use_prompt_token_count")
    candidates = _first(usage, "candidatesTokenCount", "candidates_token_count")
    thoughts = _first(usage, "thoughtsTokenCount", "thoughts_token_count")
    of_prompt = _modalities(usage, "promptTokensDetails", "prompt_tokens_details")
    of_cache = _modalities(usage, "cacheTokensDetails", "cache_tokens_details")
    of_output = _modalities(usage, "candidatesTokensDetails", "candidates_tokens_details")
    return Shaped(
        Counts(
            input=None if prompt is None else prompt + (tools or 0),
            output=None if candidates is None and thoughts is None else (candidates or 0) + (thoughts or 0),
            cache_read=_first(usage, "cachedContentTokenCount", "cached_content_token_count"),
            reasoning=thoughts,
            audio_input=of_prompt.get("AUDIO"),
            audio_cache_read=of_cache.get("AUDIO"),
            audio_output=of_output.get("AUDIO"),
            image_input=of_prompt.get("IMAGE"),
            image_cache_read=of_cache.get("IMAGE"),
            image_output=of_output.get("IMAGE"),
            video_input=_less(of_prompt.get("VIDEO"), of_cache.get("VIDEO")),
            video_output=of_output.get("VIDEO"),
        ),
        input_includes_cache=True,
    )


def _modalities(usage: dict[str, Any], *names: str) -> dict[str, int]:
    """Modality → tokens, from a list of {modality, tokenCount} or the same as an object."""
    found: dict[str, int] = {}
    for name in names:
        listed = usage.get(name)
        if isinstance(listed, dict):
            told = cast("dict[str, Any]", listed)
            found.update({key.upper(): tokens for key in told if (tokens := count(told[key])) is not None})
        elif isinstance(listed, list):
            for entry in (as_object(one) for one in cast("list[Any]", listed)):
                tokens = _first(entry, "tokenCount", "token_count")
                if tokens is not None:
                    found[str(entry.get("modality", "")).upper()] = tokens
    return found


def _of_ttl(usage: dict[str, Any], ttl: str) -> int | None:
    """Tokens written with a lifetime, from Bedrock's list of {ttl, inputTokens} or the same as an object."""
    listed = usage.get("cacheDetails")
    if isinstance(listed, dict):
        return count(cast("dict[str, Any]", listed).get(ttl))
    entries = [as_object(one) for one in cast("list[Any]", listed)] if isinstance(listed, list) else []
    told = [tokens for one in entries if one.get("ttl") == ttl and (tokens := _first(one, "inputTokens")) is not None]
    return sum(told) if told else None


def _part(usage: dict[str, Any], *names: str) -> dict[str, Any]:
    if not usage:
        return {}
    for name in names:
        part = usage.get(name)
        if isinstance(part, dict):
            return cast("dict[str, Any]", part)
    return {}


def _first(usage: dict[str, Any], *names: str) -> int | None:
    if usage:
        for name in names:
            if name in usage and (told := count(usage[name])) is not None:
                return told
    return None


def _either(*counts: int | None) -> int | None:
    for told in counts:
        if told is not None:
            return told
    return None


def _sum(usage: dict[str, Any], *names: str) -> int | None:
    if not usage:
        return None
    told = [one for name in names if (one := count(usage.get(name))) is not None]
    return sum(told) if told else None


def _less(whole: int | None, part: int | None) -> int | None:
    return whole if whole is None or part is None else max(whole - part, 0)
