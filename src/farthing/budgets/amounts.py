"""An amount of dollars as somebody gave it in; whether it can be kept exactly, out. Pure."""

from decimal import Decimal

from farthing.model import money

MOST_USD = Decimal(10) ** 13


def can_be_kept(amount: Decimal) -> bool:
    """Whether it is finite, not 0, not beyond `MOST_USD` either way, and has no more decimals than money has."""
    try:
        # Its size first: a huge exponent would take ages to write out.
        return amount.is_finite() and 0 < abs(amount) <= MOST_USD and money.to_units(amount) != 0
    except money.InexactMoneyError:
        return False
