"""models.dev's api.json in, overrides out."""

from collections.abc import Iterable
from typing import Any, cast

from farthing.model.money import decimal_text
from farthing.model.usage import Bucket
from farthing.pricing.exchange.imported import Gathering, Imported, Origin, number, object_of, part
from farthing.pricing.overrides import OverrideRate
from farthing.pricing.providers import Stranger, provider_of

_COSTS = {
    "input": Bucket.INPUT.value,
    "output": Bucket.OUTPUT.value,
    "reasoning": Bucket.REASONING.value,
    "cache_read": Bucket.CACHE_READ.value,
    "cache_write": Bucket.CACHE_WRITE.value,
    "input_audio": Bucket.AUDIO_INPUT.value,
    "output_audio": Bucket.AUDIO_OUTPUT.value,
}
_LONG = 200_000


def read(data: bytes, origin: Origin, known: Iterable[str] = ()) -> Imported:
    """The overrides of the file; `known` are the catalogue's providers, whose names are preferred."""
    providers = frozenset(known)
    gathering = Gathering("models.dev", origin)
    whole = object_of(data)
    for seller in whole:
        found = provider_of(seller, providers)
        provider = seller.lower() if isinstance(found, Stranger) else found
        for name, raw in part(part(whole, seller), "models").items():
            cost = part(cast("dict[str, Any]", raw), "cost") if isinstance(raw, dict) else {}
            gathering.add(f"{seller}/{name}", provider, name, _rates(cost))
    return gathering.done()


def _rates(cost: dict[str, Any]) -> dict[str, OverrideRate]:
    higher = list(_tiers(cost))
    rates: dict[str, OverrideRate] = {}
    for key, bucket in _COSTS.items():
        usd = number(cost.get(key))
        if usd is None:
            continue
        steps = tuple(
            (above, decimal_text(more)) for above, told in higher if (more := number(told.get(key))) is not None
        )
        rates[bucket] = OverrideRate(decimal_text(usd), 0, steps)
    return rates


def _tiers(cost: dict[str, Any]) -> Iterable[tuple[int, dict[str, Any]]]:
    listed = cost.get("tiers")
    found: dict[int, dict[str, Any]] = {}
    for raw in cast("list[Any]", listed) if isinstance(listed, list) else []:
        told = cast("dict[str, Any]", raw) if isinstance(raw, dict) else {}
        size = number(part(told, "tier").get("size"))
        if (
            size is not None
            and part(told, "tier").get("type", "context") == "context"
            and size == size.to_integral_value()
        ):
            found[int(size)] = told
    if over := part(cost, "context_over_200k"):
        found.setdefault(_LONG, over)
    return sorted(found.items())
