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


INPUT_SIDE = frozenset(
    {
        Bucket.INPUT,
        Bucket.CACHE_READ,
        Bucket.CACHE_WRITE,
        Bucket.CACHE_WRITE_1H,
        Bucket.AUDIO_INPUT,
        Bucket.IMAGE_INPUT,
    }
)
OUTPUT_SIDE = frozenset({Bucket.OUTPUT, Bucket.REASONING, Bucket.AUDIO_OUTPUT, Bucket.IMAGE_OUTPUT})


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
        return self.buckets.get(Bucket.CACHE_READ)

    @property
    def cache_write_tokens(self) -> int | None:
        """Input written to a cache, whatever its lifetime; None when the emitter did not say."""
        short = self.buckets.get(Bucket.CACHE_WRITE)
        long = self.buckets.get(Bucket.CACHE_WRITE_1H)
        return None if short is None and long is None else (short or 0) + (long or 0)

    @property
    def reasoning_tokens(self) -> int | None:
        """Output spent on reasoning; None when the emitter did not say."""
        return self.buckets.get(Bucket.REASONING)

    def _side(self, side: frozenset[Bucket]) -> int | None:
        found = [n for bucket, n in self.buckets.items() if bucket in side]
        return sum(found) if found else None


MISSING = Usage()
"""No usage was reported."""
