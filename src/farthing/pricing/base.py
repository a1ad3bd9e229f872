"""The price data of the genai-prices package in; a `Catalog` out, each provider compiled when it is first asked for."""

import hashlib
import importlib
import re
from collections.abc import Callable, Iterator, Mapping, Set
from datetime import UTC, date, datetime, time
from decimal import Decimal
from functools import cache, cached_property
from importlib.metadata import distribution
from pathlib import Path
from typing import TYPE_CHECKING, Literal, cast

from farthing.model.money import InexactMoneyError, to_units
from farthing.model.usage import Bucket
from farthing.pricing.catalog import Catalog, Source
from farthing.pricing.match import Clause, Entry, PriceList
from farthing.pricing.rates import NS_PER_DAY, PER_MTOK, REQUEST, STANDARD, PricedModel, Rate, RateCard

if TYPE_CHECKING:
    from genai_prices import types as gp

PACKAGE = "genai-prices"
URL = "https://github.com/pydantic/genai-prices"

_UNREADABLE = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError, re.error)
"""What reading an entry of another shape than we know raises."""

_BUCKETS: dict[str, tuple[str, str, int]] = {
    "input_mtok": (Bucket.INPUT, "token", PER_MTOK),
    "input_text_mtok": (Bucket.INPUT, "token", PER_MTOK),
    "cache_read_mtok": (Bucket.CACHE_READ, "token", PER_MTOK),
    "cache_text_read_mtok": (Bucket.CACHE_READ, "token", PER_MTOK),
    "cache_write_mtok": (Bucket.CACHE_WRITE, "token", PER_MTOK),
    "cache_write_5m_mtok": (Bucket.CACHE_WRITE, "token", PER_MTOK),
    "cache_write_1h_mtok": (Bucket.CACHE_WRITE_1H, "token", PER_MTOK),
    "input_audio_mtok": (Bucket.AUDIO_INPUT, "token", PER_MTOK),
    "input_image_mtok": (Bucket.IMAGE_INPUT, "token", PER_MTOK),
    "output_mtok": (Bucket.OUTPUT, "token", PER_MTOK),
    "output_text_mtok": (Bucket.OUTPUT, "token", PER_MTOK),
    "output_reasoning_mtok": (Bucket.REASONING, "token", PER_MTOK),
    "output_audio_mtok": (Bucket.AUDIO_OUTPUT, "token", PER_MTOK),
    "output_image_mtok": (Bucket.IMAGE_OUTPUT, "token", PER_MTOK),
    "requests_kcount": (REQUEST, "request", 1_000),
}
"""The price keys a call's usage has a quantity for (not searches, pages, hours); the later of two for a bucket wins."""

_TIER_KEYS = frozenset({"service_tier", "processing", "speed"})
"""The request contexts that are a tier: who pays more for speed, or less for patience."""

_IMAGES_AS_TEXT = frozenset({"anthropic", "google", "openai"})
"""Providers whose price pages charge image input as text wherever a model has no image rate."""

_CLAUSES: dict[str, Literal["equals", "starts_with", "ends_with", "contains", "regex"]] = {
    "ClauseEquals": "equals",
    "ClauseStartsWith": "starts_with",
    "ClauseEndsWith": "ends_with",
    "ClauseContains": "contains",
    "ClauseRegex": "regex",
}

_FREE: Mapping[str, Rate] = {bucket: Rate(0, note="listed as free of charge") for bucket in Bucket}


def load() -> Catalog:
    """The catalogue of the installed package. The data itself is imported at the first question."""
    installed = distribution(PACKAGE)
    data = Path(str(installed.locate_file("genai_prices/data.py")))
    digest = hashlib.sha256(data.read_bytes()).hexdigest()[:8]
    return Catalog(
        f"{PACKAGE}-{installed.version}+{digest}", Source(PACKAGE, URL, installed.version), Shelf(installed_providers)
    )


def latest_date(today: date) -> date | None:
    """The latest date up to today that stands in the data, as a price's beginning or as the day it was checked.

    The data says nowhere how old it is; it is at most as old as this.
    """
    text = Path(str(distribution(PACKAGE).locate_file("genai_prices/data.py"))).read_text(encoding="utf-8")
    written = re.findall(r"\b(20\d\d)-(\d\d)-(\d\d)\b", text) + re.findall(r"\bdate\((20\d\d), (\d+), (\d+)\)", text)
    found: set[date] = set()
    for year, month, day in written:
        try:
            found.add(date(int(year), int(month), int(day)))
        except ValueError:
            continue
    return max((day for day in found if day <= today), default=None)


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
    images_as_text = provider in _IMAGES_AS_TEXT and not any("input_image_mtok" in vars(p) for _, p, _ in priced)
    cards: list[RateCard] = []
    since: int | None = None
    for tier, prices, constraint in priced:
        rates = _rates(prices, images_as_text=images_as_text)
        if not rates and raw.id.endswith(":free"):
            rates = _FREE
        start, daily = _when(constraint)
        if tier == STANDARD:
            # A daily window cannot carry a date in the source; it belongs to the dated price it follows.
            since = start = since if start is None else start
        cards.append(RateCard(rates, tier, valid_from=start, daily=daily))
    if not any(card.rates for card in cards):
        return PricedModel(provider, raw.id, refused="it is listed without a price per token")
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
    return (*ended, *(card for card in cards if card.tier != STANDARD and card.rates))


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


def _rates(prices: "gp.ModelPrice", *, images_as_text: bool) -> Mapping[str, Rate]:
    rates: dict[str, Rate] = {}
    for key, (bucket, unit, per) in _BUCKETS.items():
        price: Decimal | gp.TieredPrices | None = vars(prices).get(key)
        if price is None:
            continue
        if isinstance(price, Decimal):
            rates[bucket] = Rate(_usd(price, per), per, unit)
        else:
            steps = sorted((int(tier.start), _usd(tier.price, per)) for tier in price.tiers)
            rates[bucket] = Rate(_usd(price.base, per), per, unit, tuple(steps))
    if images_as_text and Bucket.INPUT in rates:
        text = rates[Bucket.INPUT]
        rates[Bucket.IMAGE_INPUT] = Rate(
            text.usd, text.per, text.unit, text.steps, "this provider charges images as text"
        )
    return rates


def _usd(price: Decimal, per: int) -> int:
    """Units of 10^-24 dollars per `per`; refused unless one of the unit costs a whole number of them."""
    if not isinstance(price, Decimal) or not price.is_finite() or price < 0:  # pyright: ignore[reportUnnecessaryIsInstance]
        msg = f"{price!r} is not a price"
        raise ValueError(msg)
    usd = to_units(price)
    if usd % per:
        msg = f"{price} for {per} cannot be split exactly"
        raise InexactMoneyError(msg)
    return usd
