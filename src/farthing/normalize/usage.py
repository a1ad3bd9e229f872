"""Counts as an emitter reported them in; a Usage in disjoint buckets out. Inclusive or exclusive is settled here, once.

The convention differs by library and version, not by attribute name, so the dialect states it. What was
reported may contradict it: then the numbers themselves decide, and the contradiction is flagged.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from farthing.model.usage import INPUT_SIDE, MISSING, OUTPUT_SIDE, Bucket, Usage, UsageSource

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
_VIDEO_INPUT, _VIDEO_OUTPUT = Bucket.VIDEO_INPUT.value, Bucket.VIDEO_OUTPUT.value
_AUDIO_CACHE_READ, _IMAGE_CACHE_READ = Bucket.AUDIO_CACHE_READ.value, Bucket.IMAGE_CACHE_READ.value
_CACHE_WRITE_30M, _CACHE_WRITE_12H = Bucket.CACHE_WRITE_30M.value, Bucket.CACHE_WRITE_12H.value

_PROVIDER = UsageSource.PROVIDER

_TOKENS = INPUT_SIDE | OUTPUT_SIDE


class Counts(msgspec.Struct):
    """Token counts as reported; None where nothing was. Modalities, reasoning and caches are parts of input and output."""

    input: int | None = None
    output: int | None = None
    cache_read: int | None = None
    cache_write: int | None = None
    """All writes, whatever their lifetime."""
    cache_write_30m: int | None = None
    """The part of `cache_write` with that lifetime; likewise the two below."""
    cache_write_1h: int | None = None
    cache_write_12h: int | None = None
    reasoning: int | None = None
    audio_input: int | None = None
    """Cached audio included."""
    audio_cache_read: int | None = None
    """The part of `cache_read` that was audio."""
    audio_output: int | None = None
    image_input: int | None = None
    image_cache_read: int | None = None
    image_output: int | None = None
    video_input: int | None = None
    video_output: int | None = None
    total: int | None = None
    """Input and output together, as reported: evidence, not a quantity."""


def count(raw: Any) -> int | None:
    """A token count from an attribute value; None for anything that is not a whole number from 0 up.

    Libraries send integers, doubles (NaN where they know nothing) and numbers in strings ("-1" for unset).
    """
    if raw.__class__ is int:  # as nearly always
        return raw if 0 <= raw <= MOST_TOKENS else None
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


def plain(told: int, read: int | None, written: int) -> Usage:
    """Input, the part of it that was read from a cache, and output, which contradict nothing and have no other parts: as `settle` has it."""
    if read is None:
        return Usage({_INPUT: told, _OUTPUT: written}, _PROVIDER)
    return Usage(
        {_INPUT: told - read, _CACHE_READ: read, _OUTPUT: written}, _PROVIDER, True, "inclusive" if read else ""
    )


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
            elif inclusive and counts.output is not None and counts.total == counts.input + caches + counts.output:
                inclusive = False
                flags.append("total_adds_cache")
            convention = "inclusive" if inclusive else "exclusive"
            plain = counts.input - caches if inclusive else counts.input
        parts = (
            (_AUDIO_INPUT, _less(counts.audio_input, counts.audio_cache_read)),
            (_IMAGE_INPUT, _less(counts.image_input, counts.image_cache_read)),
            (_VIDEO_INPUT, counts.video_input),
        )
        buckets[_INPUT] = _carve(plain, parts, buckets, flags, "input")
    _cache(counts, buckets, flags)
    if counts.output is not None:
        parts = (
            (_REASONING, counts.reasoning),
            (_AUDIO_OUTPUT, counts.audio_output),
            (_IMAGE_OUTPUT, counts.image_output),
            (_VIDEO_OUTPUT, counts.video_output),
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


def _less(whole: int | None, part: int | None) -> int | None:
    return whole if whole is None or part is None else max(whole - part, 0)


def _cache(counts: Counts, buckets: dict[str, int], flags: list[str]) -> None:
    if counts.cache_read is not None:
        parts = ((_AUDIO_CACHE_READ, counts.audio_cache_read), (_IMAGE_CACHE_READ, counts.image_cache_read))
        buckets[_CACHE_READ] = _carve(counts.cache_read, parts, buckets, flags, "cache_read")
    if counts.cache_write is not None:
        left = counts.cache_write
        for bucket, lifetime, long in (
            (_CACHE_WRITE_30M, "30m", counts.cache_write_30m),
            (_CACHE_WRITE_1H, "1h", counts.cache_write_1h),
            (_CACHE_WRITE_12H, "12h", counts.cache_write_12h),
        ):
            if long:
                if long > left:
                    flags.append(f"{lifetime}_exceeds_cache_write")
                buckets[bucket] = min(long, left)
                left -= buckets[bucket]
        buckets[_CACHE_WRITE] = left


def best(told: Sequence[Usage], native: Sequence[bool]) -> Usage:
    """What several sightings of one call say it used: the most trustworthy, made finer by those that agree with it.

    `told` is in order of preference; `native` says which were counted by the provider's own SDK.
    """
    if len(told) == 1:
        return told[0]
    order = sorted(range(len(told)), key=lambda at: (_unknown(told[at]), not native[at], at))
    usage = told[order[0]]
    for at in order[1:]:
        other = told[at]
        if other.source is UsageSource.PROVIDER and other.whole:
            usage = _finer(usage, other)
    return usage


def _unknown(usage: Usage) -> tuple[bool, bool, int]:
    sides = (usage.input_tokens, usage.output_tokens)
    return (usage.source is not UsageSource.PROVIDER, not usage.whole, sides.count(None))


def _finer(usage: Usage, other: Usage) -> Usage:
    """A usage with the parts that another, which agrees on the whole, tells apart. Disagreement is flagged."""
    buckets = dict(usage.buckets)
    convention = usage.convention
    for side, plain, whole, others_whole in (
        (INPUT_SIDE, _INPUT, usage.input_tokens, other.input_tokens),
        (OUTPUT_SIDE, _OUTPUT, usage.output_tokens, other.output_tokens),
    ):
        if others_whole is None:
            continue
        if whole is None or (whole == others_whole and _is_finer(buckets, other.buckets, side, plain)):
            ours = {bucket: count for bucket, count in buckets.items() if bucket not in side}
            buckets = ours | {bucket: count for bucket, count in other.buckets.items() if bucket in side}
            convention = convention or other.convention
        elif whole != others_whole:
            return msgspec.structs.replace(usage, flags=tuple(dict.fromkeys((*usage.flags, "duplicates_disagree"))))
    # What is no token has no whole to agree on: each tells what it has seen.
    buckets |= {
        bucket: count for bucket, count in other.buckets.items() if bucket not in _TOKENS and bucket not in buckets
    }
    if buckets == usage.buckets:
        return usage
    return msgspec.structs.replace(usage, buckets=buckets, convention=convention)


def _is_finer(ours: Mapping[str, int], theirs: Mapping[str, int], side: frozenset[str], plain: str) -> bool:
    """Whether they tell more parts of a side apart: first those that are not zero, then those that are."""
    of_ours, of_theirs = (
        [count for bucket, count in told.items() if bucket in side and bucket != plain] for told in (ours, theirs)
    )
    return (len([c for c in of_theirs if c]), len(of_theirs)) > (len([c for c in of_ours if c]), len(of_ours))
