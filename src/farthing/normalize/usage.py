"""Counts as an emitter reported them in; a Usage in disjoint buckets out. Inclusive or exclusive is settled here, once.

The convention differs by library and version, not by attribute name, so the dialect states it. What was
reported may contradict it: then the numbers themselves decide, and the contradiction is flagged.
"""

import math
from typing import Any

import msgspec

from farthing.model.usage import MISSING, Bucket, Usage, UsageSource

MOST_TOKENS = 2**53
"""A count above this is no count."""


# Bound once: see `model.usage`.
_INPUT, _OUTPUT, _REASONING = Bucket.INPUT.value, Bucket.OUTPUT.value, Bucket.REASONING.value
_CACHE_READ, _CACHE_WRITE, _CACHE_WRITE_1H = (
    Bucket.CACHE_READ.value,
    Bucket.CACHE_WRITE.value,
    Bucket.CACHE_WRITE_1H.value,
)
_AUDIO_INPUT, _AUDIO_OUTPUT = Bucket.AUDIO_INPUT.value, Bucket.AUDIO_OUTPUT.value
_IMAGE_INPUT, _IMAGE_OUTPUT = Bucket.IMAGE_INPUT.value, Bucket.IMAGE_OUTPUT.value


class Counts(msgspec.Struct):
    """Token counts as reported; None where nothing was. Modalities, reasoning and caches are parts of input and output."""

    input: int | None = None
    output: int | None = None
    cache_read: int | None = None
    cache_write: int | None = None
    """All writes, whatever their lifetime."""
    cache_write_1h: int | None = None
    """The part of `cache_write` with the one-hour lifetime."""
    reasoning: int | None = None
    audio_input: int | None = None
    audio_output: int | None = None
    image_input: int | None = None
    image_output: int | None = None


def count(raw: Any) -> int | None:
    """A token count from an attribute value; None for anything that is not a whole number from 0 up.

    Libraries send integers, doubles (NaN where they know nothing) and numbers in strings ("-1" for unset).
    """
    if isinstance(raw, str):
        try:
            raw = float(raw) if raw else None
        except ValueError:
            return None
    if isinstance(raw, float):
        if not math.isfinite(raw) or raw % 1:
            return None
        raw = int(raw)
    if not isinstance(raw, int) or isinstance(raw, bool):
        return None
    return raw if 0 <= raw <= MOST_TOKENS else None


def settle(counts: Counts, *, input_includes_cache: bool) -> Usage:
    """Split reported counts into buckets that never overlap."""
    buckets: dict[str, int] = {}
    flags: list[str] = []
    convention = ""
    caches = (counts.cache_read or 0) + (counts.cache_write or 0)
    if counts.input is not None:
        plain = counts.input
        if caches:
            inclusive = input_includes_cache
            if inclusive and caches > counts.input:
                # A part can't exceed its whole: this emitter counted the cache apart after all.
                inclusive = False
                flags.append("cache_exceeds_input")
            convention = "inclusive" if inclusive else "exclusive"
            plain = counts.input - caches if inclusive else counts.input
        parts = ((_AUDIO_INPUT, counts.audio_input), (_IMAGE_INPUT, counts.image_input))
        buckets[_INPUT] = _carve(plain, parts, buckets, flags, "input")
    _cache(counts, buckets, flags)
    if counts.output is not None:
        parts = (
            (_REASONING, counts.reasoning),
            (_AUDIO_OUTPUT, counts.audio_output),
            (_IMAGE_OUTPUT, counts.image_output),
        )
        buckets[_OUTPUT] = _carve(counts.output, parts, buckets, flags, "output")
    if not buckets:
        return MISSING
    return Usage(buckets, UsageSource.PROVIDER, convention=convention, flags=tuple(flags))


def _carve(
    whole: int,
    parts: tuple[tuple[str, int | None], ...],
    buckets: dict[str, int],
    flags: list[str],
    side: str,
) -> int:
    """Take the reported parts out of the whole; what remains is text. Parts larger than the whole stand beside it."""
    rest = whole
    for bucket, count in parts:
        if count is not None:
            buckets[bucket] = count
            rest -= count
    if rest < 0:
        flags.append(f"parts_exceed_{side}")
        return whole
    return rest


def _cache(counts: Counts, buckets: dict[str, int], flags: list[str]) -> None:
    if counts.cache_read is not None:
        buckets[_CACHE_READ] = counts.cache_read
    if counts.cache_write is not None:
        long = counts.cache_write_1h or 0
        if long > counts.cache_write:
            flags.append("1h_exceeds_cache_write")
            long = counts.cache_write
        buckets[_CACHE_WRITE] = counts.cache_write - long
        if counts.cache_write_1h:
            buckets[_CACHE_WRITE_1H] = long
