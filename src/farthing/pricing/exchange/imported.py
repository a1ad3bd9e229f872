"""What every reader of a foreign price list gives: overrides, and what was left out and why."""

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, cast

import msgspec

from farthing.model.money import decimal_text
from farthing.pricing.overrides import Kind, Override, OverrideError, OverrideRate, check
from farthing.pricing.rates import ANY, STANDARD


class ForeignPricesError(ValueError):
    """The bytes are no price list of that format."""


class Imported(msgspec.Struct, frozen=True):
    """The overrides a list holds, not yet live, and the entries that hold none, each with the reason."""

    overrides: tuple[Override, ...]
    skipped: tuple[tuple[str, str], ...] = ()


class Origin(msgspec.Struct, frozen=True, kw_only=True):
    """Where a list comes from and when it was read (Unix nanoseconds, and as a date)."""

    url: str
    read_on: str
    known_since: int | None = None

    def text(self, own: str = "") -> str:
        """As the source of a price."""
        return f"{own or self.url}, read {self.read_on}"


class Gathering:
    """Overrides as they are found; one that cannot be is skipped with the reason."""

    def __init__(self, kind: str, origin: Origin) -> None:
        self._kind = kind
        self._origin = origin
        self._found: list[Override] = []
        self._skipped: list[tuple[str, str]] = []

    def skip(self, name: str, why: str) -> None:
        """Leave out."""
        self._skipped.append((name, why))

    def add(  # noqa: PLR0913  an override has as many parts
        self,
        name: str,
        provider: str,
        model: str,
        rates: Mapping[str, OverrideRate],
        *,
        tier: str = STANDARD,
        region: str = ANY,
        source: str = "",
    ) -> None:
        """Take in, unless it says nothing or what can't be."""
        if all(_is_zero(rate) for rate in rates.values()):
            self.skip(name, "it has no price but zero" if rates else "it has no price we know how to count")
            return
        override = Override(
            id=f"{self._kind}:{provider}/{model}" + (f":{tier}" if tier != STANDARD else ""),
            kind=Kind.RATES,
            provider=provider,
            model=model,
            rates=rates,
            tier=tier,
            region=region,
            known_since=self._origin.known_since,
            source=self._origin.text(source),
        )
        try:
            check(override)
        except OverrideError as error:
            self.skip(name, str(error))
        else:
            self._found.append(override)

    def done(self) -> Imported:
        """All of it."""
        return Imported(tuple(self._found), tuple(self._skipped))


def _is_zero(rate: OverrideRate) -> bool:
    return Decimal(rate.usd) == 0 and not rate.steps


def object_of(data: bytes) -> dict[str, Any]:
    """A JSON object whose numbers are exact. Raises `ForeignPricesError`."""
    try:
        found = json.loads(data, parse_float=Decimal)
    except (ValueError, RecursionError) as error:
        msg = "this is no JSON"
        raise ForeignPricesError(msg) from error
    if not isinstance(found, dict):
        msg = "this is no JSON object"
        raise ForeignPricesError(msg)
    return cast("dict[str, Any]", found)


def part(found: Mapping[str, Any], name: str) -> dict[str, Any]:
    """An object within an object; an empty one for anything else."""
    inner = found.get(name)
    return cast("dict[str, Any]", inner) if isinstance(inner, dict) else {}


def number(raw: Any) -> Decimal | None:
    """An exact number from 0 up; None for anything else."""
    if isinstance(raw, str):
        try:
            raw = Decimal(raw)
        except ArithmeticError:
            return None
    if isinstance(raw, bool) or not isinstance(raw, int | Decimal):
        return None
    value = Decimal(raw)
    return value if value.is_finite() and value >= 0 else None


def rate(value: Decimal, times: int = 1, per: int = 0) -> OverrideRate:
    """A price multiplied to that of `per` units."""
    return OverrideRate(decimal_text(value * times), per)
