"""The buckets that have a rate in; which others are charged at whose rate, and the rule that says so, out."""

from collections.abc import Container, Mapping

from farthing.model.ledger import Grade
from farthing.model.usage import Bucket

_C, _E = Grade.COMPUTED, Grade.ESTIMATED

RULES: tuple[tuple[str, str, str, Grade], ...] = (
    (Bucket.REASONING, Bucket.OUTPUT, "no reasoning rate; charged as output", _C),
    (Bucket.CITATION, Bucket.OUTPUT, "no citation rate; charged as output", _C),
    (Bucket.CACHE_READ, Bucket.INPUT, "no cache read rate; charged as input", _C),
    (Bucket.AUDIO_CACHE_READ, Bucket.AUDIO_INPUT, "no rate for cached audio; charged as audio input", _C),
    (Bucket.IMAGE_CACHE_READ, Bucket.IMAGE_INPUT, "no rate for cached images; charged as image input", _C),
    # A longer lifetime costs more wherever both are sold, so a shorter one's rate is only a lower bound.
    (Bucket.CACHE_WRITE_30M, Bucket.CACHE_WRITE, "no 30m cache write rate; the short lifetime's used", _E),
    (Bucket.CACHE_WRITE_1H, Bucket.CACHE_WRITE, "no 1h cache write rate; the short lifetime's used", _E),
    (Bucket.CACHE_WRITE_12H, Bucket.CACHE_WRITE_1H, "no 12h cache write rate; the 1h one used", _E),
    (Bucket.CACHE_WRITE_12H, Bucket.CACHE_WRITE, "no 12h cache write rate; the short lifetime's used", _E),
    (Bucket.CACHE_WRITE_30M, Bucket.INPUT, "no cache write rate; charged as input", _C),
    (Bucket.CACHE_WRITE_1H, Bucket.INPUT, "no cache write rate; charged as input", _C),
    (Bucket.CACHE_WRITE_12H, Bucket.INPUT, "no cache write rate; charged as input", _C),
    (Bucket.CACHE_WRITE, Bucket.INPUT, "no cache write rate; charged as input", _C),
    (Bucket.GROUNDING, Bucket.WEB_SEARCHES, "no grounding rate; charged as a web search", _C),
)
"""Which bucket's rate is used for a bucket without one, in the order tried. Audio, images and video are not text,
and no tool is another: nothing stands in for them."""


IMAGES_AS_TEXT = frozenset({"anthropic", "azure", "google", "openai"})
"""Providers whose price pages charge image input as text wherever a model has no image rate."""

VIDEO_AS_TEXT = frozenset({"google"})
"""The same for video."""


def as_text(provider: str, priced: Container[str]) -> list[tuple[str, str]]:
    """The input this provider charges as text for a model with these rates, and the sentence that says so."""
    found: list[tuple[str, str]] = []
    if provider in IMAGES_AS_TEXT and Bucket.IMAGE_INPUT not in priced:
        found.append((Bucket.IMAGE_INPUT.value, "this provider charges images as text"))
    if provider in VIDEO_AS_TEXT and Bucket.VIDEO_INPUT not in priced:
        found.append((Bucket.VIDEO_INPUT.value, "this provider charges video as text"))
    return found


def standing_in(priced: Container[str]) -> Mapping[str, tuple[str, str, Grade]]:
    """For each bucket without a rate: the bucket whose rate is used, why, and how good that is."""
    found: dict[str, tuple[str, str, Grade]] = {}
    for bucket, other, why, grade in RULES:
        if bucket not in priced and bucket not in found and other in priced:
            found[bucket] = other, why, grade
    return found
