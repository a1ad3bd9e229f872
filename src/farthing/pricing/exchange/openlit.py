"""OpenLIT's pricing.json in, overrides out; price rows in, such a file out. It has no providers: the same name is one price."""

from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any, cast

import msgspec

from farthing.model.money import to_decimal
from farthing.model.usage import Bucket
from farthing.pricing.catalog import PriceRow
from farthing.pricing.exchange.imported import Gathering, Imported, Origin, number, object_of, part, rate
from farthing.pricing.exchange.litellm import in_force
from farthing.pricing.overrides import OverrideRate
from farthing.pricing.rates import STANDARD

_CHAT = {
    "promptPrice": Bucket.INPUT.value,
    "completionPrice": Bucket.OUTPUT.value,
    "cacheReadPrice": Bucket.CACHE_READ.value,
    "cacheCreationPrice": Bucket.CACHE_WRITE.value,
}
_THOUSAND = 1_000


def read(data: bytes, origin: Origin, seller_of: Callable[[str], str]) -> Imported:
    """The overrides of a file; `seller_of` says who sells a model of that name, "" if nobody knows."""
    found = object_of(data)
    gathering = Gathering("openlit", origin)

    def add(name: str, rates: dict[str, OverrideRate]) -> None:
        if provider := seller_of(name):
            gathering.add(name, provider, name, rates)
        else:
            gathering.skip(name, "the file doesn't say whose model it is, and nobody known sells it")

    for name, raw in part(found, "chat").items():
        told = cast("dict[str, Any]", raw) if isinstance(raw, dict) else {}
        prices = {bucket: number(told.get(key)) for key, bucket in _CHAT.items()}
        add(name, {bucket: rate(price, _THOUSAND) for bucket, price in prices.items() if price is not None})
    for name, raw in part(found, "embeddings").items():
        price = number(raw)
        add(name, {} if price is None else {Bucket.INPUT.value: rate(price, _THOUSAND)})
    for name, qualities in part(found, "images").items():
        add(name, _images(cast("dict[str, Any]", qualities) if isinstance(qualities, dict) else {}))
    for name in part(found, "audio"):
        gathering.skip(name, "the file doesn't say whether it means characters or seconds")
    return gathering.done()


def _images(qualities: dict[str, Any]) -> dict[str, OverrideRate]:
    return {
        f"{Bucket.IMAGES.value}.{quality}.{size}": rate(price)
        for quality in qualities
        for size, raw in part(qualities, quality).items()
        if (price := number(raw)) is not None
    }


def write(rows: Iterable[PriceRow], at_ns: int) -> bytes:
    """A file of the prices in force at that instant; of two providers' models of one name the first is taken."""
    chat: dict[str, dict[str, Decimal]] = {}
    images: dict[str, dict[str, dict[str, Decimal]]] = {}
    of: dict[str, str] = {}
    keys = {bucket: key for key, bucket in _CHAT.items()}
    for row in rows:
        if row.tier != STANDARD or row.input_above or not in_force(row, at_ns):
            continue
        if of.setdefault(row.model, row.provider) != row.provider:
            continue
        each = to_decimal(row.usd) / row.per
        if row.bucket in keys:
            chat.setdefault(row.model, {}).setdefault(keys[row.bucket], (each * _THOUSAND).normalize())
        elif row.bucket.startswith(f"{Bucket.IMAGES.value}.") and row.bucket.count(".") > 1:
            _, quality, size = row.bucket.split(".", 2)
            images.setdefault(row.model, {}).setdefault(quality, {}).setdefault(size, each.normalize())
    embeddings = {model: told["promptPrice"] for model, told in chat.items() if told.keys() == {"promptPrice"}}
    talking = {model: told for model, told in chat.items() if {"promptPrice", "completionPrice"} <= told.keys()}
    whole: dict[str, object] = {"embeddings": embeddings, "images": images, "audio": {}, "chat": talking}
    return msgspec.json.format(msgspec.json.Encoder(decimal_format="number").encode(whole), indent=2)
