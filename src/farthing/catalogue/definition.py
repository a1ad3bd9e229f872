"""A model's prices by a pattern of its name, as a client wrote them, in; its names and rates, or why they can't be kept, out. Pure."""

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from itertools import product
from typing import Any, cast

import msgspec

from farthing.errors import BadRequestError, UnbuiltError
from farthing.model.usage import Bucket
from farthing.pricing.overrides import OverrideRate
from farthing.pricing.rates import REQUEST

LONGEST = 500
MOST_NAMES = 64
UNITS = ("TOKENS", "CHARACTERS", "MILLISECONDS", "SECONDS", "IMAGES", "REQUESTS")

_BUCKETS: Mapping[str, tuple[str, ...]] = {
    Bucket.INPUT: ("input", "prompt"),
    Bucket.OUTPUT: ("output", "completion"),
    Bucket.CACHE_READ: (
        "input_cached_tokens",
        "input_cache_read",
        "cache_read_input_tokens",
        "cached_input_tokens",
        "input_cached",
    ),
    Bucket.CACHE_WRITE: (
        "input_cache_creation",
        "input_cache_write",
        "cache_creation_input_tokens",
        "input_cache_creation_5m",
    ),
    Bucket.CACHE_WRITE_1H: ("input_cache_creation_1h",),
    Bucket.REASONING: ("output_reasoning_tokens", "output_reasoning", "reasoning_tokens"),
    Bucket.AUDIO_INPUT: ("input_audio_tokens", "input_audio"),
    Bucket.AUDIO_OUTPUT: ("output_audio_tokens", "output_audio"),
    Bucket.IMAGE_INPUT: ("input_image_tokens", "input_image"),
    Bucket.IMAGE_OUTPUT: ("output_image_tokens", "output_image"),
    Bucket.WEB_SEARCHES: ("web_search_queries", "web_search"),
    Bucket.GROUNDING: ("grounding_queries",),
}
_BUCKET = {usage: bucket for bucket, names in _BUCKETS.items() for usage in names}
"""What a kind of usage is called there → what it is here."""

_OF_UNIT: Mapping[str, Mapping[str, str]] = {
    "CHARACTERS": {"input": Bucket.CHARACTERS, "total": Bucket.CHARACTERS},
    "SECONDS": {"input": Bucket.AUDIO_SECONDS, "output": Bucket.SPEECH_SECONDS},
    "IMAGES": {"input": Bucket.INPUT_IMAGES, "output": Bucket.IMAGES, "total": Bucket.IMAGES},
    "REQUESTS": {"input": REQUEST, "total": REQUEST},
}

_LETTER = re.compile(r"\\(?P<escaped>[^A-Za-z0-9])|(?P<plain>[A-Za-z0-9 ._:/@\-])")
"""A dot stands for a dot, as whoever wrote it meant it."""


class Definition(msgspec.Struct, frozen=True):
    """What is kept of it: as it was written, and what that comes to. Prices are exact text, dollars for one of the unit."""

    model_name: str
    match_pattern: str
    unit: str
    prices: dict[str, str]
    names: tuple[str, ...]
    start_ns: int | None = None
    tokenizer_id: str | None = None
    tokenizer_config: Any = None

    @property
    def rates(self) -> dict[str, OverrideRate]:
        """By our buckets."""
        return {bucket: OverrideRate(usd, 1) for bucket, usd in _rates(self.unit, self.prices).items()}


def read(told: Mapping[str, Any], start_ns: int | None) -> Definition:
    """The definition. Raises `BadRequestError` for what is wrong, `UnbuiltError` for what prices here can't say."""
    name, pattern = _text("modelName", told.get("modelName")), _text("matchPattern", told.get("matchPattern"))
    unit = told.get("unit") or "TOKENS"
    if unit not in UNITS:
        msg = f"unit is one of {', '.join(UNITS)}."
        raise BadRequestError(msg)
    prices = _prices(told)
    _rates(unit, prices)
    tokenizer = told.get("tokenizerId")
    return Definition(
        name, pattern, unit, prices, names_of(pattern), start_ns,
        tokenizer if isinstance(tokenizer, str) else None, told.get("tokenizerConfig"),
    )  # fmt: skip


def names_of(pattern: str) -> tuple[str, ...]:
    """All names a pattern of plain alternatives fits, in lower case. Raises `UnbuiltError` for any other pattern."""
    body = pattern.removeprefix("(?i)")
    if not body.startswith("^") or not body.endswith("$") or body.endswith("\\$"):
        raise UnbuiltError(_HOW.format(pattern[:200]))
    reader = _Reader(body[1:-1], pattern)
    found = reader.alternatives()
    if not reader.is_done:
        raise UnbuiltError(_HOW.format(pattern[:200]))
    names = tuple(dict.fromkeys(name.lower() for name in found if name))
    if not names:
        raise UnbuiltError(_HOW.format(pattern[:200]))
    return names


_HOW = (
    "matchPattern: prices here are of exact names. Write ^ and $ around names, with ( | ) for alternatives and ? for what "
    "may be missing, such as (?i)^(openai/)?(my-model|my-model-2)$; not {0!r}."
)


class _Reader:
    """Reads a pattern from the left to the right."""

    def __init__(self, text: str, pattern: str) -> None:
        self._text = text
        self._pattern = pattern
        self._at = 0

    @property
    def is_done(self) -> bool:
        return self._at == len(self._text)

    def alternatives(self) -> list[str]:
        found = self._sequence()
        while self._take("|"):
            found += self._sequence()
        return self._bounded(found)

    def _sequence(self) -> list[str]:
        found = [""]
        while (part := self._part()) is not None:
            found = self._bounded([before + after for before, after in product(found, part)])
        return found

    def _part(self) -> list[str] | None:
        if self._take("(?:") or self._take("("):
            part = self.alternatives()
            if not self._take(")"):
                raise UnbuiltError(_HOW.format(self._pattern[:200]))
        elif letter := _LETTER.match(self._text, self._at):
            self._at = letter.end()
            part = [letter["escaped"] or letter["plain"]]
        else:
            return None
        return [*part, ""] if self._take("?") else part

    def _take(self, mark: str) -> bool:
        if not self._text.startswith(mark, self._at):
            return False
        self._at += len(mark)
        return True

    def _bounded(self, found: list[str]) -> list[str]:
        if len(found) > MOST_NAMES:
            msg = f"matchPattern: it fits more than {MOST_NAMES} names."
            raise UnbuiltError(msg)
        return found


def _prices(told: Mapping[str, Any]) -> dict[str, str]:
    tiers = told.get("pricingTiers")
    plain = {usage: told.get(f"{usage}Price") for usage in ("input", "output", "total")}
    given: Mapping[str, Any] = {usage: price for usage, price in plain.items() if price is not None}
    if tiers:
        if given:
            msg = "pricingTiers: they stand for inputPrice, outputPrice and totalPrice, not beside them."
            raise BadRequestError(msg)
        given = _of_tiers(tiers)
    if not given:
        msg = "A model needs a price: inputPrice, outputPrice, totalPrice, or a default tier of pricingTiers."
        raise BadRequestError(msg)
    if "total" in given and len(given) > 1:
        msg = "totalPrice: it holds for all tokens, so no other price can stand beside it."
        raise BadRequestError(msg)
    return {usage: _price(usage, price) for usage, price in given.items()}


def _of_tiers(told: Any) -> Mapping[str, Any]:
    tiers = cast("Sequence[Any]", told) if isinstance(told, list) else ()
    known = [cast("dict[str, Any]", tier) for tier in tiers if isinstance(tier, dict)]
    default = [tier for tier in known if tier.get("isDefault")]
    if len(default) != 1 or len(known) != len(tiers) or not isinstance(default[0].get("prices"), dict):
        msg = "pricingTiers: exactly one has isDefault, and prices."
        raise BadRequestError(msg)
    if len(known) > 1 or default[0].get("conditions"):
        msg = (
            "pricingTiers: prices on a condition are not taken in here. Steps by input and prices of a service tier are "
            "entered as overrides: POST /api/v1/prices/overrides."
        )
        raise UnbuiltError(msg)
    return cast("dict[str, Any]", default[0]["prices"])


def _rates(unit: str, prices: Mapping[str, str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for usage, usd in prices.items():
        if unit == "TOKENS" and usage == "total":
            found |= dict.fromkeys((Bucket.INPUT.value, Bucket.OUTPUT.value), usd)
            continue
        bucket = (_BUCKET if unit == "TOKENS" else _OF_UNIT.get(unit, {})).get(usage)
        if bucket is None:
            msg = f"A price of {usage[:80]!r} by {unit} is not taken in here; see POST /api/v1/prices/overrides for what is."
            raise UnbuiltError(msg)
        found[str(bucket)] = usd
    return found


def _price(usage: str, told: Any) -> str:
    if isinstance(told, bool) or not isinstance(told, int | float):
        msg = f"The price of {usage[:80]!r} has to be a number of dollars."
        raise BadRequestError(msg)
    # The shortest text of a number is the one that was written.
    price = Decimal(repr(told))
    if not price.is_finite() or price < 0:
        msg = f"The price of {usage[:80]!r} has to be 0 or more."
        raise BadRequestError(msg)
    return format(price, "f")


def _text(field: str, told: Any) -> str:
    if not isinstance(told, str) or not 0 < len(told.strip()) <= LONGEST:
        msg = f"{field}: text of 1 to {LONGEST} characters."
        raise BadRequestError(msg)
    return told.strip()
