"""The files of `prices/`, one per provider, in; what they say about its models out: history, tiers and units, each with a source.

Money stands in quotes: a bare 0.15 would be a binary fraction, and is refused.
"""

import hashlib
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from functools import cache
from importlib.resources import files

import msgspec

from farthing.model.money import to_units
from farthing.model.usage import Bucket, unit_of
from farthing.pricing.rates import ANY, EVERY_DAY, REQUEST, STANDARD, TOKENS, Rate, RateCard, overlapping
from farthing.pricing.standing_in import as_text
from farthing.shapes import Shape

DAY = 86_400 * 10**9
_EPOCH = date(1970, 1, 1)
_WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_URL = re.compile(r"https://[\w.-]+/\S*")


class PriceFileError(ValueError):
    """A price file that is incomplete or contradicts itself."""


class Step(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Above so many input tokens, this price."""

    above: int
    usd: str | int


class Amount(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A price for so many of the unit; a million tokens, or one of anything else, unless told."""

    usd: str | int
    per: int = 0
    steps: list[Step] = []
    marginal: bool = False


class Price(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"from_": "from"}):
    """What some models cost, when, under which tier and where."""

    usd: dict[str, str | int | Amount] = {}
    factor: str = ""
    tier: str = STANDARD
    region: str = ANY
    """Several stand side by side: `us eu-*`."""
    from_: str = ""
    """`"2026-08-16"` or `"2026-08-16T16:00"`, UTC."""
    until: str = ""
    hours: str = ""
    """`16:30-00:30`, UTC."""
    weekdays: str = ""
    """`sat sun`, UTC."""
    adds: bool = False
    note: str = ""
    source: str = ""
    read: date | None = None


class Model(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Models with the same prices; `names` are further spellings of the one model there is."""

    prices: list[Price]
    model: str = ""
    models: list[str] = []
    names: list[str] = []


class PriceFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One provider's file."""

    provider: str
    models: list[Model]
    source: str = ""
    read: date | None = None


_FILE = Shape(PriceFile)


class Dated(msgspec.Struct, frozen=True):
    """What a file says of one model."""

    names: tuple[str, ...]
    cards: tuple[RateCard, ...]


class Shelf:
    """The packaged files, each read when its provider is first asked for."""

    def __init__(self) -> None:
        self._read = cache(_compiled)

    def providers(self) -> frozenset[str]:
        """The ids of the providers that have a file."""
        return frozenset(_texts())

    def models(self, provider: str) -> Mapping[str, Dated]:
        """What is said of this provider's models, by id."""
        return self._read(provider) if provider in _texts() else {}


@cache
def _texts() -> Mapping[str, bytes]:
    folder = files("farthing.pricing") / "prices"
    found = sorted((entry.name, entry) for entry in folder.iterdir() if entry.name.endswith(".yml"))
    return {name.removesuffix(".yml"): entry.read_bytes() for name, entry in found}


def _compiled(provider: str) -> Mapping[str, Dated]:
    return compiled(_texts()[provider], provider)


def digest() -> bytes:
    """What tells these files from any others."""
    return hashlib.sha256(
        b"\0".join(text for pair in _texts().items() for text in (pair[0].encode(), pair[1]))
    ).digest()


def compiled(text: bytes, provider: str) -> Mapping[str, Dated]:
    """The models of a file. Raises `PriceFileError` where it is incomplete or two prices claim the same time."""
    try:
        told = _FILE.of_yaml(text)
    except msgspec.MsgspecError as error:
        msg = f"{provider}.yml: {error}"
        raise PriceFileError(msg) from error
    if told.provider != provider:
        msg = f"{provider}.yml is about {told.provider}"
        raise PriceFileError(msg)
    cards: dict[str, list[RateCard]] = {}
    names: dict[str, tuple[str, ...]] = {}
    for model in told.models:
        ids = [model.model] if model.model else model.models
        if not ids or (model.model and model.models) or (model.names and not model.model):
            _refuse(provider, model.model or str(model.models), "names no model, or more than the names are for")
        for name in ids:
            try:
                cards.setdefault(name.lower(), []).extend(_cards(told, model))
            except (ValueError, ArithmeticError) as error:
                _refuse(provider, name, str(error))
            names[name.lower()] = (*names.get(name.lower(), ()), *(other.lower() for other in model.names))
    for name, of_model in cards.items():
        if (pair := overlapping(of_model)) is not None:
            _refuse(
                provider, name, f"two prices for {pair[0].tier} claim the same time: {pair[0].source}, {pair[1].source}"
            )
    return {name: Dated(names[name], tuple(sorted(of_model, key=_breadth))) for name, of_model in cards.items()}


def _breadth(card: RateCard) -> tuple[bool, bool, bool]:
    """A price for a certain place stands above one for certain days, that above one for certain hours, that above the rest."""
    return card.region == ANY, card.weekdays == EVERY_DAY, card.daily is None


def _refuse(provider: str, model: str, why: str) -> None:
    msg = f"{provider}.yml, {model}: {why}"
    raise PriceFileError(msg)


def _cards(told: PriceFile, model: Model) -> Iterator[RateCard]:
    instead = as_text(told.provider, {bucket for price in model.prices for bucket in price.usd})
    for price in model.prices:
        url, read = price.source or told.source, price.read or told.read
        if not _URL.fullmatch(url) or read is None:
            msg = "every price needs the address it was read at and the day"
            raise ValueError(msg)
        if bool(price.usd) == bool(price.factor):
            msg = "a price is either amounts or a factor"
            raise ValueError(msg)
        start, end = _instant(price.from_), _instant(price.until)
        if start is not None and end is not None and start >= end:
            msg = "it ends before it begins"
            raise ValueError(msg)
        factor = Fraction(price.factor) if price.factor else None
        for region in price.region.lower().split():
            yield RateCard(
                _rates(price, [] if price.adds else instead),
                price.tier,
                start,
                end,
                _window(price.hours),
                _weekdays(price.weekdays),
                region,
                price.adds,
                None if factor is None else (factor.numerator, factor.denominator),
                note=price.note,
                source=f"{url}, read {read.isoformat()}",
                known_since=_midnight(read),
            )


def _rates(price: Price, instead: list[tuple[str, str]]) -> Mapping[str, Rate]:
    rates = {bucket: _rate(bucket, amount) for bucket, amount in price.usd.items()}
    text = rates.get(Bucket.INPUT.value)
    if text is not None:
        for bucket, why in instead:
            rates[bucket] = Rate(text.usd, text.per, text.unit, text.steps, why, text.marginal)
    return rates


def _rate(bucket: str, told: str | int | Amount) -> Rate:
    amount = told if isinstance(told, Amount) else Amount(told)
    plain = bucket.partition(".")[0]
    if bucket != REQUEST and plain not in Bucket.__members__.values():
        msg = f"{bucket} is no bucket"
        raise ValueError(msg)
    unit = "request" if bucket == REQUEST else unit_of(bucket)
    per = amount.per or (1_000_000 if plain in TOKENS else 1)
    steps = tuple(sorted((step.above, to_units(step.usd)) for step in amount.steps))
    return Rate(to_units(amount.usd), per, unit, steps, marginal=amount.marginal)


def _midnight(day: date | None) -> int | None:
    return None if day is None else (day - _EPOCH).days * DAY


def _instant(told: str) -> int | None:
    if not told:
        return None
    at = datetime.fromisoformat(told)
    at = at if at.tzinfo is not None else at.replace(tzinfo=UTC)
    return (at - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1) * 1000


def _weekdays(told: str) -> frozenset[int]:
    return frozenset(_WEEK.index(day) for day in told.split()) if told else EVERY_DAY


def _window(hours: str) -> tuple[int, int] | None:
    if not hours:
        return None
    start, _, end = hours.partition("-")
    return _of_day(start), _of_day(end)


def _of_day(clock: str) -> int:
    at = datetime.strptime(clock, "%H:%M").replace(tzinfo=UTC)
    return (at.hour * 60 + at.minute) * 60 * 10**9
