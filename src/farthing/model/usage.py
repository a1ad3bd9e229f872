"""The one vocabulary of billable quantities: disjoint buckets, so that adding them up never counts a token twice."""

from collections.abc import Mapping
from enum import StrEnum

import msgspec


class Bucket(StrEnum):
    """A disjoint part of a call's usage. Tokens unless said otherwise.

    A name may carry a variant the price depends on: `images.hd.1024x1792`, `video_seconds.1080p`.
    """

    INPUT = "input"
    """Text input that was neither read from nor written to a cache."""
    CACHE_READ = "cache_read"
    CACHE_WRITE = "cache_write"
    """Written to a cache with the short (5 minute) or an untold lifetime."""
    CACHE_WRITE_30M = "cache_write_30m"
    CACHE_WRITE_1H = "cache_write_1h"
    CACHE_WRITE_12H = "cache_write_12h"
    AUDIO_INPUT = "audio_input"
    AUDIO_CACHE_READ = "audio_cache_read"
    IMAGE_INPUT = "image_input"
    IMAGE_CACHE_READ = "image_cache_read"
    VIDEO_INPUT = "video_input"
    OUTPUT = "output"
    """Text output without reasoning."""
    REASONING = "reasoning"
    AUDIO_OUTPUT = "audio_output"
    IMAGE_OUTPUT = "image_output"
    VIDEO_OUTPUT = "video_output"
    CITATION = "citation"
    """Output quoted from sources, where a provider charges for it apart."""
    CHARACTERS = "characters"
    """Characters of text to be spoken, translated or embedded."""
    AUDIO_SECONDS = "audio_seconds"
    """Seconds of audio heard."""
    SPEECH_SECONDS = "speech_seconds"
    """Seconds of audio made."""
    VIDEO_SECONDS = "video_seconds"
    """Seconds of video made."""
    IMAGES = "images"
    """Images made."""
    INPUT_IMAGES = "input_images"
    """Images looked at, where they are charged by the piece."""
    PAGES = "pages"
    """Pages of a document read."""
    ANNOTATED_PAGES = "annotated_pages"
    MESSAGES = "messages"
    """Text messages within a session that is charged by them."""
    WEB_SEARCHES = "web_searches"
    """Searches made, not searches allowed; so with every tool of the provider's below."""
    FILE_SEARCHES = "file_searches"
    GROUNDING = "grounding"
    """Requests whose answer was grounded in search results."""
    MAPS_GROUNDING = "maps_grounding"
    WEB_FETCHES = "web_fetches"
    CODE_SESSIONS = "code_sessions"
    """Containers opened to run code in."""
    CODE_SECONDS = "code_seconds"
    """Seconds such a container ran."""
    RERANKS = "reranks"
    """Search units of a reranking model."""
    REQUEST = "request"
    """The call itself, where what is charged for it depends on a variant that was told."""


# Bound once: an attribute of an enum class is found by Python code, and these are needed for every call.
_CACHE_READ, _CACHE_WRITE, _CACHE_WRITE_1H, _REASONING = (
    Bucket.CACHE_READ.value,
    Bucket.CACHE_WRITE.value,
    Bucket.CACHE_WRITE_1H.value,
    Bucket.REASONING.value,
)
_READS = (_CACHE_READ, Bucket.AUDIO_CACHE_READ.value, Bucket.IMAGE_CACHE_READ.value)
_WRITES = (_CACHE_WRITE, _CACHE_WRITE_1H, Bucket.CACHE_WRITE_30M.value, Bucket.CACHE_WRITE_12H.value)
INPUT_SIDE: frozenset[str] = frozenset(
    {
        Bucket.INPUT.value,
        *_READS,
        *_WRITES,
        Bucket.AUDIO_INPUT.value,
        Bucket.IMAGE_INPUT.value,
        Bucket.VIDEO_INPUT.value,
    }
)
"""Tokens a model had to read."""
OUTPUT_SIDE: frozenset[str] = frozenset(
    {
        Bucket.OUTPUT.value,
        _REASONING,
        Bucket.AUDIO_OUTPUT.value,
        Bucket.IMAGE_OUTPUT.value,
        Bucket.VIDEO_OUTPUT.value,
        Bucket.CITATION.value,
    }
)
"""Tokens a model wrote."""

_SIDES: dict[str, tuple[int, ...]] = {
    bucket: tuple(at for at, side in enumerate((INPUT_SIDE, _READS, _WRITES, OUTPUT_SIDE)) if bucket in side)
    for bucket in INPUT_SIDE | OUTPUT_SIDE
}
"""Which of a usage's sums a bucket is part of: input, cache read, cache write, output."""

UNITS: dict[str, str] = {
    **dict.fromkeys(INPUT_SIDE | OUTPUT_SIDE, "token"),
    Bucket.CHARACTERS.value: "character",
    Bucket.AUDIO_SECONDS.value: "second",
    Bucket.SPEECH_SECONDS.value: "second",
    Bucket.VIDEO_SECONDS.value: "second",
    Bucket.CODE_SECONDS.value: "second",
    Bucket.IMAGES.value: "image",
    Bucket.INPUT_IMAGES.value: "image",
    Bucket.PAGES.value: "page",
    Bucket.ANNOTATED_PAGES.value: "page",
    Bucket.MESSAGES.value: "message",
    Bucket.WEB_SEARCHES.value: "search",
    Bucket.FILE_SEARCHES.value: "search",
    Bucket.GROUNDING.value: "request",
    Bucket.MAPS_GROUNDING.value: "request",
    Bucket.WEB_FETCHES.value: "fetch",
    Bucket.CODE_SESSIONS.value: "session",
    Bucket.RERANKS.value: "search",
    Bucket.REQUEST.value: "request",
}
"""What a bucket is counted in."""


def unit_of(bucket: str) -> str:
    """What a bucket, or a variant of it, is counted in; "unit" where nobody knows."""
    return UNITS.get(bucket) or UNITS.get(bucket.partition(".")[0], "unit")


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
        """Input read from a cache, text or not; None when the emitter did not say."""
        return self._sum(_READS)

    @property
    def cache_write_tokens(self) -> int | None:
        """Input written to a cache, whatever its lifetime; None when the emitter did not say."""
        return self._sum(_WRITES)

    @property
    def reasoning_tokens(self) -> int | None:
        """Output spent on reasoning; None when the emitter did not say."""
        return self.buckets.get(_REASONING)

    @property
    def sums(self) -> tuple[int | None, int | None, int | None, int | None, int | None]:
        """Input, cache read, cache write, output and reasoning tokens, told as by the properties above, all at once."""
        sides: list[int | None] = [None, None, None, None]
        for bucket, count in self.buckets.items():
            for side in _SIDES.get(bucket, ()):
                held = sides[side]
                sides[side] = count if held is None else held + count
        whole, read, written, output = sides
        return (whole if self.whole else None, read, written, output, self.buckets.get(_REASONING))

    def _sum(self, parts: tuple[str, ...]) -> int | None:
        buckets = self.buckets
        total = buckets.get(parts[0])
        for part in parts[1:]:
            if part in buckets:
                total = buckets[part] + (total or 0)
        return total

    def _side(self, side: frozenset[str]) -> int | None:
        total = None
        for bucket, count in self.buckets.items():
            if bucket in side:
                total = count if total is None else total + count
        return total


MISSING = Usage()
"""No usage was reported."""
