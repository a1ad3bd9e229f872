"""Exact money: integers of 10^-24 US dollars in, decimal strings and `Decimal` out; never a float.

Why 10^-24: the finest rates in the base catalogue carry 18 decimals per million tokens, so one token
may cost a multiple of 10^-24 dollars. The telemetry store keeps the same integer as Decimal(38, 24),
which leaves 14 digits for whole dollars.
"""

from collections.abc import Iterable
from decimal import Context, Decimal
from functools import reduce

SCALE = 24
"""Decimal places of a dollar that are kept exactly."""

UNITS_PER_USD = 10**SCALE

# Wide enough for every product and sum we form; `Inexact` is trapped so that no digit is lost silently.
_EXACT = Context(prec=76)


class InexactMoneyError(ValueError):
    """An amount or a rate needs more than `SCALE` decimal places."""


def to_units(usd: Decimal | str | int) -> int:
    """Dollars to integer units of 10^-24 dollars.

    Raises `InexactMoneyError` when the value is finer than that or not finite.
    """
    value = Decimal(usd)
    if not value.is_finite():
        msg = f"{usd!r} is not an amount of money"
        raise InexactMoneyError(msg)
    scaled = value.scaleb(SCALE, _EXACT)
    units = int(scaled)
    if scaled != units:
        msg = f"{usd} needs more than {SCALE} decimal places of a dollar"
        raise InexactMoneyError(msg)
    return units


def to_decimal(units: int) -> Decimal:
    """Integer units of 10^-24 dollars to dollars, exactly."""
    return Decimal(units).scaleb(-SCALE, _EXACT)


def total(amounts: Iterable[Decimal]) -> Decimal:
    """Dollars, added up exactly."""
    return reduce(_EXACT.add, amounts, Decimal(0))


def to_text(units: int) -> str:
    """Integer units to the shortest plain decimal string: 541000000000000000000 -> "0.000541"."""
    sign = "-" if units < 0 else ""
    whole, rest = divmod(abs(units), UNITS_PER_USD)
    if not rest:
        return f"{sign}{whole}"
    return f"{sign}{whole}.{str(rest).zfill(SCALE).rstrip('0')}"


def decimal_text(value: Decimal) -> str:
    """A `Decimal` of dollars to the shortest plain decimal string, without an exponent."""
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text
