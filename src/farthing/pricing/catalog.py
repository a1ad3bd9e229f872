"""Provider, models, served tier and instant in; what every bucket is charged at, and why, out: an immutable snapshot of prices."""

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache

import msgspec

from farthing.pricing.match import Found, PriceBook, find
from farthing.pricing.rates import STANDARD, Charge, PricedModel

_STANDARD_SPELLINGS = frozenset({"", "auto", "default", "on_demand", "ondemand", STANDARD})
_TIER = re.compile(r"[a-z0-9][a-z0-9_-]{0,31}")

MEMO = 4096
"""How many names matched or not matched are remembered."""

_LONGEST = 1024
"""Provider and model names longer than this together are nobody's, and not worth remembering."""

_TOO_LONG = Found(None, "no provider sells a model of so long a name")

_NOTHING: Mapping[str, Charge] = {}


class Source(msgspec.Struct, frozen=True):
    """Where the prices come from. `as_of` is the date of the data, "" when the source doesn't tell."""

    name: str
    url: str
    release: str = ""
    as_of: str = ""

    def __str__(self) -> str:
        return f"{self.name} {self.release} ({self.url})".replace("  ", " ")


class Quote(msgspec.Struct, frozen=True):
    """What each bucket of one call is charged at; `charges` is empty where no model was matched."""

    charges: Mapping[str, Charge]
    rule: str
    matched_model: str = ""


class PriceRow(msgspec.Struct, frozen=True):
    """One rate of one card as a line of a list; money in units of 10^-24 dollars, times in Unix nanoseconds."""

    provider: str
    model: str
    tier: str
    bucket: str
    unit: str
    usd: int
    per: int
    input_above: int = 0
    valid_from: int | None = None
    valid_until: int | None = None
    daily: tuple[int, int] | None = None


class Catalog:
    """A snapshot of prices under a version id. What it answers never changes, and its memory is bounded."""

    def __init__(self, version: str, source: Source, book: PriceBook) -> None:
        self.version = version
        self.source = source
        self.source_text = str(source)
        self._book = book
        self._found = lru_cache(maxsize=MEMO)(self._find)

    def quote(self, provider: str, response_model: str, request_model: str, served_tier: str, at_ns: int) -> Quote:
        """The rates for a call that began at `at_ns` (Unix nanoseconds) and was served under that tier."""
        if len(provider) + len(response_model) + len(request_model) > _LONGEST:
            return Quote(_NOTHING, _TOO_LONG.rule)
        found = self._found(provider, response_model, request_model)
        model = found.model
        if model is None:
            return Quote(_NOTHING, found.rule)
        if model.refused:
            return Quote(_NOTHING, f"{found.rule}; {model.refused}", model.id)
        tariff = model.tariff(_tier(served_tier) if served_tier else STANDARD, at_ns, standard_only=found.resold)
        if tariff is None:
            return Quote(_NOTHING, f"{found.rule}; no price was in force at the time of the call", model.id)
        return Quote(tariff.charges, f"{found.rule}; {tariff.note}" if tariff.note else found.rule, model.id)

    def price_rows(self, provider: str = "") -> Iterator[PriceRow]:
        """Every rate of the catalogue, or of one provider, in the catalogue's order."""
        for name in [provider] if provider else sorted(self._book.providers()):
            listed = self._book.price_list(name)
            for entry in listed.entries if listed is not None else ():
                yield from _rows(entry.model)

    def _find(self, provider: str, response_model: str, request_model: str) -> Found:
        return find(provider, response_model, request_model, self._book)


def _tier(served: str) -> str:
    """The tier as the catalogue spells it. Any other text is kept as seen, if it could be the name of a tier."""
    name = served.strip().lower()
    if name in _STANDARD_SPELLINGS:
        return STANDARD
    return name if _TIER.fullmatch(name) else "unrecognised"


def _rows(model: PricedModel) -> Iterator[PriceRow]:
    for card in model.cards:
        for bucket, rate in card.rates.items():
            for above, usd in ((0, rate.usd), *rate.steps):
                yield PriceRow(
                    provider=model.provider,
                    model=model.id,
                    tier=card.tier,
                    bucket=bucket,
                    unit=rate.unit,
                    usd=usd,
                    per=rate.per,
                    input_above=above,
                    valid_from=card.valid_from,
                    valid_until=card.valid_until,
                    daily=card.daily,
                )
