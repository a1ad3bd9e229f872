"""What people take back from, or add to, what a budget counts as spent in; sound corrections, and their sum, out. Pure, exact.

The ledger stays as it is: it says what calls cost by the prices that are known. A correction says that a budget shouldn't count
all of that, as after a wrong price that was mended without re-pricing, or should count something that isn't there.
"""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal

import msgspec

from farthing.budgets import amounts
from farthing.budgets.periods import Stretch
from farthing.model import money
from farthing.query.errors import ParameterError

MOST = 200
"""Of one budget."""

_LONGEST_WHY = 500


class Correction(msgspec.Struct, frozen=True):
    """So many dollars more, or fewer when negative, in the period that holds `at`."""

    id: str
    amount_usd: Decimal
    at: datetime
    why: str
    by: str
    made_at: datetime


def check(correction: Correction) -> None:
    """Raises `ParameterError` for what can't be one."""
    if not amounts.can_be_kept(correction.amount_usd):
        msg = f"dollars, not 0, up to {amounts.MOST_USD:,f} and with at most {money.SCALE} decimals; -12.50 gives 12.50 back."
        raise ParameterError("amount_usd", msg)
    reason(correction.why)


def reason(why: str) -> str:
    """Why something was done, without spaces around. Raises `ParameterError`."""
    if not why.strip() or len(why) > _LONGEST_WHY or "\0" in why:
        raise ParameterError("why", f"1 to {_LONGEST_WHY} characters: whoever looks at the budget later reads them.")
    return why.strip()


def sum_in(corrections: Iterable[Correction], stretch: Stretch) -> int:
    """What they come to in this time, in units of 10^-24 dollars."""
    return sum(money.to_units(one.amount_usd) for one in corrections if stretch.holds(int(one.at.timestamp())))
