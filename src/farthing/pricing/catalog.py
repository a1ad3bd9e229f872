"""Provider, models, served tier and instant in; what every bucket is charged at, and why, out: an immutable snapshot of prices."""

import re
from collections.abc import Hashable, Iterator, Mapping, Sequence
from functools import lru_cache

import msgspec

from farthing.pricing import overrides as own
from farthing.pricing.amended import Amended
from farthing.pricing.match import Found, PriceBook, PriceList, find
from farthing.pricing.overrides import ANYBODY, Kind, Override, Scope
from farthing.pricing.rates import ALWAYS, ANY, EVERY_DAY, STANDARD, Charge, PricedModel, Rate, RateCard, joined
from farthing.pricing.reckoning import Plan

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
    provider: str = ""
    plans: dict[Hashable, Plan] = {}
    """How calls of one kind are reckoned, by kind: worked out by `cost` when the first of them comes."""


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
    weekdays: frozenset[int] = EVERY_DAY
    region: str = ANY
    marginal: bool = False
    adds: bool = False
    factor: str = ""
    """`11/10`: no rate but what others are multiplied by; `bucket` is "" then."""
    note: str = ""
    source: str = ""
    known_since: int | None = None


class Catalog:
    """A snapshot of prices under a version id. What it answers never changes, and its memory is bounded.

    A snapshot with overrides answers as for nobody in particular; `within` is the same for a project's or a key's calls.
    """

    def __init__(
        self,
        version: str,
        source: Source,
        book: PriceBook,
        *,
        overrides: Sequence[Override] = (),
        scope: Scope = ANYBODY,
    ) -> None:
        self._base = version, book
        self._all = tuple(overrides)
        self.overrides = own.in_precedence(self._all, scope)
        self.version = version
        if self.overrides:
            self.version += f".o-{own.digest(self.overrides)}"
        self.scope = scope
        self.source = source
        self.source_text = str(source)
        self._book: PriceBook = Amended(book, self.overrides) if self.overrides else book
        self._found = lru_cache(maxsize=MEMO)(self._find)
        self.within = lru_cache(maxsize=MEMO)(self._within)
        """The snapshot as it holds for calls of that scope."""

    def overridden(self, overrides: Sequence[Override]) -> "Catalog":
        """The same prices under these overrides instead of any it had."""
        version, book = self._base
        return Catalog(version, self.source, book, overrides=overrides, scope=self.scope)

    def _within(self, scope: Scope) -> "Catalog":
        if own.in_precedence(self._all, scope) == own.in_precedence(self._all, self.scope):
            return self
        version, book = self._base
        return Catalog(version, self.source, book, overrides=self._all, scope=scope)

    def quote(
        self, provider: str, response_model: str, request_model: str, served_tier: str, at_ns: int, region: str = ""
    ) -> Quote:
        """The rates for a call that began at `at_ns` (Unix nanoseconds), served under that tier and in that region."""
        if len(provider) + len(response_model) + len(request_model) > _LONGEST:
            return Quote(_NOTHING, _TOO_LONG.rule)
        found = self._found(provider, response_model, request_model)
        model = found.model
        if model is None:
            return Quote(_NOTHING, found.rule)
        if model.refused:
            return Quote(_NOTHING, f"{found.rule}; {model.refused}", model.id, model.provider)
        tariff = model.tariff(
            _tier(served_tier) if served_tier else STANDARD, at_ns, region.strip().lower() if region else ""
        )
        if tariff is None:
            rule = f"{found.rule}; no price was in force at the time of the call"
            return Quote(_NOTHING, rule, model.id, model.provider)
        quote = found.quotes.get(id(tariff))
        if quote is None:
            rule = f"{found.rule}; {tariff.note}" if tariff.note else found.rule
            quote = Quote(tariff.charges, rule, model.id, model.provider)
            if tariff.lasting:
                found.quotes[id(tariff)] = quote
        return quote

    def holds(self, provider: str, response_model: str, request_model: str, at_ns: int) -> tuple[int, int]:
        """From when until when, around that instant, a quotation for these names stays the same."""
        if len(provider) + len(response_model) + len(request_model) > _LONGEST:
            return ALWAYS
        model = self._found(provider, response_model, request_model).model
        return ALWAYS if model is None else model.holds(at_ns)

    def match(self, provider: str, response_model: str, request_model: str) -> Found:
        """Which model's price applies to these names, and why."""
        return self._found(provider, response_model, request_model)

    def providers(self) -> list[str]:
        """The ids of all providers, in order."""
        return sorted(self._book.providers())

    def price_list(self, provider: str) -> PriceList | None:
        """One provider's models."""
        return self._book.price_list(provider)

    def price_rows(self, provider: str = "") -> Iterator[PriceRow]:
        """Every rate of the catalogue, or of one provider, in the catalogue's order."""
        for name in [provider] if provider else self.providers():
            listed = self._book.price_list(name)
            for entry in listed.entries if listed is not None else ():
                if not entry.by_names_only:
                    yield from model_rows(entry.model)

    def _find(self, provider: str, response_model: str, request_model: str) -> Found:
        found = find(provider, response_model, request_model, self._book)
        if found.model is None or found.model.refused:
            return found
        return Found(self._as_sold(found), found.rule, found.resold, found.seller, found.names)

    def _as_sold(self, found: Found) -> PricedModel | None:
        """The model as it is sold to these callers: with what was agreed with the seller."""
        model = found.model
        if model is None:
            return None
        cards = model.cards
        if found.resold:
            # What its maker charges for tiers, places and tools says nothing about the seller.
            cards = tuple(c for c in cards if c.tier == STANDARD and c.region == ANY and not c.adds and not c.factor)
        names = {*found.names, model.id.lower()}
        said = {card.source for card in cards}
        agreed = [
            card
            for o in self.overrides
            if o.kind is not Kind.ALIAS and o.concerns(found.seller, names)
            for card in own.cards(o, whole=False)
            if card.source not in said
        ]
        if not agreed and cards == model.cards:
            return model
        return PricedModel(model.provider, model.id, _without_compounding(agreed) + cards)


def _without_compounding(agreed: list[RateCard]) -> tuple[RateCard, ...]:
    """Of several discounts the strongest override's alone holds."""
    kept: list[RateCard] = []
    for card in agreed:
        if card.factor is None or not any(_same_claim(card, other) for other in kept):
            kept.append(card)
    return tuple(kept)


def _same_claim(card: RateCard, other: RateCard) -> bool:
    return (
        other.factor is not None
        and (other.tier, other.region) == (card.tier, card.region)
        and not (_ends_before(card, other) or _ends_before(other, card))
    )


def _ends_before(card: RateCard, other: RateCard) -> bool:
    return card.valid_until is not None and other.valid_from is not None and card.valid_until <= other.valid_from


def _tier(served: str) -> str:
    """The tier as the catalogue spells it. Any other text is kept as seen, if it could be the name of a tier."""
    name = served.strip().lower()
    if name in _STANDARD_SPELLINGS:
        return STANDARD
    return name if _TIER.fullmatch(name) else "unrecognised"


def model_rows(model: PricedModel) -> Iterator[PriceRow]:
    """Every rate of one model."""
    for card in model.cards:
        if card.factor is not None:
            yield _row(model, card, "", Rate(0, 1, ""), 0, 0)
        for bucket, rate in card.rates.items():
            for above, usd in ((0, rate.usd), *rate.steps):
                yield _row(model, card, bucket, rate, above, usd)


def _row(model: PricedModel, card: RateCard, bucket: str, rate: Rate, above: int, usd: int) -> PriceRow:
    return PriceRow(
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
        weekdays=card.weekdays,
        region=card.region,
        marginal=rate.marginal,
        adds=card.adds,
        factor="{}/{}".format(*card.factor) if card.factor else "",
        note=joined(card.note, rate.note),
        source=card.source,
        known_since=card.known_since,
    )
