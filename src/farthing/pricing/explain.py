"""A question in the terms of the outer contract and a catalogue in; the cost with every line, or why there is none, out."""

from collections.abc import Mapping

import msgspec

from farthing.model.call import Operation
from farthing.model.ledger import Cost
from farthing.model.usage import Bucket, Usage, UsageSource
from farthing.pricing.catalog import Catalog
from farthing.pricing.cost import Asked, price_of
from farthing.pricing.rates import REQUEST


class UsageError(ValueError):
    """A usage that contradicts itself, or names something that is not counted."""


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """What would this have cost? `usage` is in the contract's names: input includes cached, output includes reasoning."""

    model: str
    usage: Mapping[str, int]
    at_ns: int
    provider: str = ""
    response_model: str = ""
    service_tier: str = ""
    region: str = ""
    operation: str = Operation.CHAT


_PARTS_OF_INPUT = {
    "cached_input_tokens": Bucket.CACHE_READ.value,
    "audio_input_tokens": Bucket.AUDIO_INPUT.value,
    "cached_audio_input_tokens": Bucket.AUDIO_CACHE_READ.value,
    "image_input_tokens": Bucket.IMAGE_INPUT.value,
    "cached_image_input_tokens": Bucket.IMAGE_CACHE_READ.value,
    "video_input_tokens": Bucket.VIDEO_INPUT.value,
}
_PARTS_OF_WRITES = {
    "cache_write_30m_tokens": Bucket.CACHE_WRITE_30M.value,
    "cache_write_1h_tokens": Bucket.CACHE_WRITE_1H.value,
    "cache_write_12h_tokens": Bucket.CACHE_WRITE_12H.value,
}
_PARTS_OF_OUTPUT = {
    "reasoning_tokens": Bucket.REASONING.value,
    "audio_output_tokens": Bucket.AUDIO_OUTPUT.value,
    "image_output_tokens": Bucket.IMAGE_OUTPUT.value,
    "video_output_tokens": Bucket.VIDEO_OUTPUT.value,
    "citation_tokens": Bucket.CITATION.value,
}
_WHOLES = ("input_tokens", "cache_write_tokens", "output_tokens")
_TOKENS = {*_WHOLES, *_PARTS_OF_INPUT, *_PARTS_OF_WRITES, *_PARTS_OF_OUTPUT}


def explain(question: Question, catalog: Catalog) -> Cost:
    """What it costs, line by line. Raises `UsageError` where the usage cannot be."""
    usage = Usage(buckets(question.usage), UsageSource.PROVIDER)
    return price_of(
        Asked(
            provider=question.provider,
            request_model=question.model,
            response_model=question.response_model,
            served_tier=question.service_tier,
            region=question.region,
            start_ns=question.at_ns,
            usage=usage,
            operation=question.operation,
        ),
        catalog,
    )


def buckets(told: Mapping[str, int]) -> dict[str, int]:
    """A usage with wholes and parts of them as disjoint buckets."""
    for name, count in told.items():
        if isinstance(count, bool) or not isinstance(count, int) or count < 0:  # pyright: ignore[reportUnnecessaryIsInstance]
            msg = f"{name} is {count!r}, not a number from 0 up"
            raise UsageError(msg)
    found: dict[str, int] = {}
    writes = _split(told, "cache_write_tokens", _PARTS_OF_WRITES, Bucket.CACHE_WRITE.value, found)
    plain = _split(told, "input_tokens", _PARTS_OF_INPUT, Bucket.INPUT.value, found, besides=writes)
    if plain < 0:
        msg = "the parts of the input are more than the whole"
        raise UsageError(msg)
    _split(told, "output_tokens", _PARTS_OF_OUTPUT, Bucket.OUTPUT.value, found)
    for name, count in told.items():
        if name not in _TOKENS:
            bucket = REQUEST if name in ("request", "requests") else name
            if bucket != REQUEST and bucket.partition(".")[0] not in Bucket.__members__.values():
                msg = f"{name} is nothing that is counted"
                raise UsageError(msg)
            found[bucket] = count
    return found


def _split(
    told: Mapping[str, int],
    whole: str,
    parts: Mapping[str, str],
    rest: str,
    found: dict[str, int],
    *,
    besides: int = 0,
) -> int:
    """Put the parts and the rest of a whole where they belong; how much it was in all, or less than 0."""
    of_parts = besides
    for name, bucket in parts.items():
        if name in told:
            found[bucket] = told[name]
            of_parts += told[name]
    if whole not in told:
        return of_parts
    if told[whole] < of_parts:
        msg = f"the parts of {whole} are more than the whole"
        raise UsageError(msg)
    found[rest] = told[whole] - of_parts
    return told[whole]
