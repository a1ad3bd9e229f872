"""The price data of the genai-prices package in; price lists out, each provider compiled when it is first asked for."""

import importlib
import re
from collections.abc import Callable, Iterator, Mapping, Set
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from functools import cache, cached_property
from typing import TYPE_CHECKING, Literal, cast

from msgspec.structs import replace

from farthing.model.money import InexactMoneyError, to_units
from farthing.model.usage import Bucket, unit_of
from farthing.pricing.match import Clause, Entry, PriceList
from farthing.pricing.rates import NS_PER_DAY, PER_MTOK, REQUEST, STANDARD, TOKENS, PricedModel, Rate, RateCard
from farthing.pricing.standing_in import as_text

if TYPE_CHECKING:
    from genai_prices import types as gp

_UNREADABLE = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError, re.error)
"""What reading an entry of another shape than we know raises."""

_HOUR = 3_600

_BUCKETS: dict[str, tuple[str, int]] = {
    "input_mtok": (Bucket.INPUT, PER_MTOK),
    "input_text_mtok": (Bucket.INPUT, PER_MTOK),
    "cache_read_mtok": (Bucket.CACHE_READ, PER_MTOK),
    "cache_text_read_mtok": (Bucket.CACHE_READ, PER_MTOK),
    "cache_write_mtok": (Bucket.CACHE_WRITE, PER_MTOK),
    "cache_write_5m_mtok": (Bucket.CACHE_WRITE, PER_MTOK),
    "cache_write_1h_mtok": (Bucket.CACHE_WRITE_1H, PER_MTOK),
    "input_audio_mtok": (Bucket.AUDIO_INPUT, PER_MTOK),
    "cache_audio_read_mtok": (Bucket.AUDIO_CACHE_READ, PER_MTOK),
    "input_image_mtok": (Bucket.IMAGE_INPUT, PER_MTOK),
    "cache_image_read_mtok": (Bucket.IMAGE_CACHE_READ, PER_MTOK),
    "input_video_mtok": (Bucket.VIDEO_INPUT, PER_MTOK),
    "output_mtok": (Bucket.OUTPUT, PER_MTOK),
    "output_text_mtok": (Bucket.OUTPUT, PER_MTOK),
    "output_reasoning_mtok": (Bucket.REASONING, PER_MTOK),
    "output_citation_mtok": (Bucket.CITATION, PER_MTOK),
    "output_audio_mtok": (Bucket.AUDIO_OUTPUT, PER_MTOK),
    "output_image_mtok": (Bucket.IMAGE_OUTPUT, PER_MTOK),
    "output_video_mtok": (Bucket.VIDEO_OUTPUT, PER_MTOK),
    "input_mchars": (Bucket.CHARACTERS, 1_000_000),
    "audio_hours": (Bucket.AUDIO_SECONDS, _HOUR),
    "input_audio_hours": (Bucket.AUDIO_SECONDS, _HOUR),
    "input_document_kpages": (Bucket.PAGES, 1_000),
    "input_annotated_document_kpages": (Bucket.ANNOTATED_PAGES, 1_000),
    "input_text_messages_kcount": (Bucket.MESSAGES, 1_000),
    "web_searches_kcount": (Bucket.WEB_SEARCHES, 1_000),
    "storage_searches_kcount": (Bucket.FILE_SEARCHES, 1_000),
    "requests_kcount": (REQUEST, 1_000),
}
"""Which bucket a price key is for, and how much of it the price buys; the later of two for a bucket wins."""

_TIER_KEYS = frozenset({"service_tier", "processing", "speed"})
"""The request contexts that are a tier: who pays more for speed, or less for patience."""

_CLAUSES: dict[str, Literal["equals", "starts_with", "ends_with", "contains", "regex"]] = {
    "ClauseEquals": "equals",
    "ClauseStartsWith": "starts_with",
    "ClauseEndsWith": "ends_with",
    "ClauseContains": "contains",
    "ClauseRegex": "regex",
}

_FREE: Mapping[str, Rate] = {bucket: Rate(0, note="listed as free of charge") for bucket in sorted(TOKENS)}


def installed_providers() -> "list[gp.Provider]":
    """The providers of the installed package, imported now."""
    return importlib.import_module("genai_prices.data").providers


class Shelf:
    """Price lists compiled from the package's providers, one by one as they are asked for."""

    def __init__(self, providers: "Callable[[], list[gp.Provider]]") -> None:
        self._load = providers
        self._list = cache(self._compile)

    @cached_property
    def _raw(self) -> "Mapping[str, gp.Provider]":
        return {provider.id: provider for provider in self._load()}

    def providers(self) -> Set[str]:
        """The ids of all providers."""
        return self._raw.keys()

    def price_list(self, provider: str) -> PriceList | None:
        """The list of one provider; None when there is none, or none that can be read."""
        return self._list(provider) if provider in self._raw else None

    def _compile(self, provider: str) -> PriceList | None:
        raw = self._raw[provider]
        try:
            return PriceList(raw.id, _entries(raw), tuple(raw.fallback_model_providers or ()))
        except _UNREADABLE:
            return None


def _entries(provider: "gp.Provider") -> Iterator[Entry]:
    for model in provider.models:
        try:
            priced = _model(provider.id, model)
        except InexactMoneyError:
            priced = PricedModel(provider.id, model.id, refused="its price is finer than can be kept exactly")
        except _UNREADABLE:
            priced = PricedModel(provider.id, model.id, refused="its entry in the catalogue could not be read")
        try:
            clause = _clause(model.match)
        except _UNREADABLE:
            clause = None
        # A refused model stays known, so that nothing else is taken for it.
        yield Entry(priced, clause)


def _clause(raw: object) -> Clause:
    match type(raw).__name__:
        case "ClauseOr":
            return Clause("any", parts=tuple(map(_clause, cast("gp.ClauseOr", raw).or_)))
        case "ClauseAnd":
            return Clause("all", parts=tuple(map(_clause, cast("gp.ClauseAnd", raw).and_)))
        case other:
            kind = _CLAUSES[other]
            text: str = getattr(raw, kind)
            return Clause(kind, text, pattern=re.compile(text)) if kind == "regex" else Clause(kind, text.lower())


def _model(provider: str, raw: "gp.ModelInfo") -> PricedModel:
    priced = [(STANDARD, prices, constraint) for prices, constraint in _standard(raw)]
    variants = raw.price_variants or ()
    priced.extend((tier, v.prices, v.constraint) for v in variants if (tier := _tier(v.when)))
    told = {
        _BUCKETS[key][0]
        for _, p, _ in priced
        for key, price in vars(p).items()
        if price is not None and key in _BUCKETS
    }
    instead = as_text(provider, told)
    cards: list[RateCard] = []
    since: int | None = None
    for tier, prices, constraint in priced:
        rates = _rates(prices, instead)
        if not rates and raw.id.endswith(":free"):
            rates = _FREE
        start, daily = _when(constraint)
        if tier == STANDARD:
            # A daily window cannot carry a date in the source; it belongs to the dated price it follows.
            since = start = since if start is None else start
        cards.append(RateCard(rates, tier, valid_from=start, daily=daily))
    if not any(card.rates for card in cards):
        return PricedModel(provider, raw.id, refused="it is listed without a price that we know how to count")
    return PricedModel(provider, raw.id, _in_precedence(cards))


def _standard(
    raw: "gp.ModelInfo",
) -> "list[tuple[gp.ModelPrice, gp.StartDateConstraint | gp.TimeOfDateConstraint | None]]":
    if isinstance(raw.prices, list):
        return [(conditional.prices, conditional.constraint) for conditional in raw.prices]
    return [(raw.prices, None)]


def _in_precedence(cards: list[RateCard]) -> tuple[RateCard, ...]:
    """The source lets the last standard price in force win, and the first of a tier's."""
    standard = [card for card in cards if card.tier == STANDARD]
    ended: list[RateCard] = []
    until: int | None = None
    for card in reversed(standard):
        ended.append(RateCard(card.rates, STANDARD, card.valid_from, until, card.daily))
        if card.daily is None and card.valid_from is not None:
            until = card.valid_from if until is None else min(until, card.valid_from)
    tiers = [card for card in cards if card.tier != STANDARD and card.rates]
    return (*ended, *_since_their_standard(tiers, ended))


def _since_their_standard(tiers: list[RateCard], standard: list[RateCard]) -> list[RateCard]:
    """The source dates a tier's rate by the day it was first listed; providers sold it before.

    So a tier's first rate is taken to hold as long as the standard price that was in force on that day.
    """
    first: dict[str, int | None] = {}
    for card in tiers:
        known = first.get(card.tier, card.valid_from)
        first[card.tier] = None if known is None or card.valid_from is None else min(known, card.valid_from)
    return [_since(card, standard) if first[card.tier] == card.valid_from else card for card in tiers]


def _since(card: RateCard, standard: list[RateCard]) -> RateCard:
    listed = card.valid_from
    price = next((one for one in standard if one.daily is None and listed is not None and one.in_force(listed)), None)
    if listed is None or price is None or price.valid_from == listed:
        return card
    day = date(1970, 1, 1) + timedelta(days=listed // NS_PER_DAY)
    note = f"listed since {day}, taken to hold as long as the standard price"
    return replace(card, valid_from=price.valid_from, note=note)


def _tier(when: Mapping[str, str]) -> str:
    """The tier a variant is for; "" where it is for the standard one or for something that is no tier."""
    if len(when) != 1:
        return ""
    [(key, value)] = when.items()
    return value.lower() if key in _TIER_KEYS and value not in ("default", STANDARD) else ""


def _when(
    constraint: "gp.StartDateConstraint | gp.TimeOfDateConstraint | None",
) -> tuple[int | None, tuple[int, int] | None]:
    if constraint is None:
        return None, None
    if (start := getattr(constraint, "start_date", None)) is not None:
        return (start - date(1970, 1, 1)).days * NS_PER_DAY, None
    window = cast("gp.TimeOfDateConstraint", constraint)
    return None, (_ns_of_day(window.start_time), _ns_of_day(window.end_time))


def _ns_of_day(at: time) -> int:
    utc = datetime(1970, 1, 1, at.hour, at.minute, at.second, at.microsecond, at.tzinfo or UTC).astimezone(UTC)
    return ((utc.hour * 60 + utc.minute) * 60 + utc.second) * 10**9 + utc.microsecond * 1000


def _rates(prices: "gp.ModelPrice", instead: list[tuple[str, str]]) -> Mapping[str, Rate]:
    rates: dict[str, Rate] = {}
    for key, (bucket, per) in _BUCKETS.items():
        unit = "request" if bucket == REQUEST else unit_of(bucket)
        price: Decimal | gp.TieredPrices | None = vars(prices).get(key)
        if price is None:
            continue
        if isinstance(price, Decimal):
            rates[bucket] = Rate(_usd(price, per), per, unit)
        else:
            steps = sorted((int(tier.start), _usd(tier.price, per)) for tier in price.tiers)
            rates[bucket] = Rate(_usd(price.base, per), per, unit, tuple(steps))
    if Bucket.INPUT in rates:
        text = rates[Bucket.INPUT]
        for bucket, why in instead:
            rates[bucket] = Rate(text.usd, text.per, text.unit, text.steps, why)
    return rates


def _usd(price: Decimal, per: int) -> int:
    """Units of 10^-24 dollars per `per`; refused unless one of the unit costs a whole number of them.

    A price per hour is the exception: no price of a second need be a whole number of anything.
    """
    if not isinstance(price, Decimal) or not price.is_finite() or price < 0:  # pyright: ignore[reportUnnecessaryIsInstance]
        msg = f"{price!r} is not a price"
        raise ValueError(msg)
    usd = to_units(price)
    if usd % per and per != _HOUR:
        msg = f"{price} for {per} cannot be split exactly"
        raise InexactMoneyError(msg)
    return usd
