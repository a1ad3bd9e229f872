"""The one vocabulary of billable quantities: disjoint buckets, so that adding them up never counts a token twice."""

from collections.abc import Mapping
from enum import StrEnum

import msgspec


class Bucket(StrEnum):
    """A disjoint part of a call's usage. Tokens unless said otherwise."""

    INPUT = "input"
    """Text input that was neither read from nor written to a cache."""
    CACHE_READ = "cache_read"
    CACHE_WRITE = "cache_write"
    """Written to a cache with the short (5 minute) or an untold lifetime."""
    CACHE_WRITE_1H = "cache_write_1h"
    AUDIO_INPUT = "audio_input"
    IMAGE_INPUT = "image_input"
    OUTPUT = "output"
    """Text output without reasoning."""
    REASONING = "reasoning"
    AUDIO_OUTPUT = "audio_output"
    IMAGE_OUTPUT = "image_output"


# Bound once: an attribute of an enum class is found by Python code, and these are needed for every call.
_CACHE_READ, _CACHE_WRITE, _CACHE_WRITE_1H, _REASONING = (
    Bucket.CACHE_READ.value,
    Bucket.CACHE_WRITE.value,
    Bucket.CACHE_WRITE_1H.value,
    Bucket.REASONING.value,
)
INPUT_SIDE: frozenset[str] = frozenset(
    {
        Bucket.INPUT.value,
        _CACHE_READ,
        _CACHE_WRITE,
        _CACHE_WRITE_1H,
        Bucket.AUDIO_INPUT.value,
        Bucket.IMAGE_INPUT.value,
    }
)
OUTPUT_SIDE: frozenset[str] = frozenset(
    {Bucket.OUTPUT.value, _REASONING, Bucket.AUDIO_OUTPUT.value, Bucket.IMAGE_OUTPUT.value}
)


class UsageSource(StrEnum):
    """Where a usage comes from."""

    PROVIDER = "provider"
    ESTIMATED = "estimated"
    MISSING = "missing"


class Usage(msgspec.Struct, frozen=True, gc=False):
    """What a call used, in disjoint buckets. A bucket that was not reported is absent: unknown is never zero.

    `convention` says how the emitter counted cached input ("inclusive" or "exclusive" of it; "" where the
    question did not arise), `flags` names contradictions found in what was reported; both are for the audit.
    `whole` is False when the emitter is known to leave out parts it does not report: the buckets told are
    right, but neither the full input nor the cost can be known from them.
    """

    buckets: Mapping[str, int] = {}
    source: UsageSource = UsageSource.MISSING
    whole: bool = True
    convention: str = ""
    flags: tuple[str, ...] = ()

    @property
    def input_tokens(self) -> int | None:
        """All input, cached included; None when the emitter told none of it, or not all."""
        return self._side(INPUT_SIDE) if self.whole else None

    @property
    def output_tokens(self) -> int | None:
        """All output, reasoning included; None when the emitter told none of it."""
        return self._side(OUTPUT_SIDE)

    @property
    def cache_read_tokens(self) -> int | None:
        """Input read from a cache; None when the emitter did not say."""
        return self.buckets.get(_CACHE_READ)

    @property
    def cache_write_tokens(self) -> int | None:
        """Input written to a cache, whatever its lifetime; None when the emitter did not say."""
        short = self.buckets.get(_CACHE_WRITE)
        long = self.buckets.get(_CACHE_WRITE_1H)
        return None if short is None and long is None else (short or 0) + (long or 0)

    @property
    def reasoning_tokens(self) -> int | None:
        """Output spent on reasoning; None when the emitter did not say."""
        return self.buckets.get(_REASONING)

    def _side(self, side: frozenset[str]) -> int | None:
        total = None
        for bucket, count in self.buckets.items():
            if bucket in side:
                total = count if total is None else total + count
        return total


MISSING = Usage()
"""No usage was reported."""
