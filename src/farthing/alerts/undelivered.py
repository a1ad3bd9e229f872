"""The one error of sending: why a notice was not taken, and whether to try again."""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from farthing.errors import FarthingError

LONGEST_WAIT_S = 3_600.0
"""However long a receiver asks us to wait."""


class Undelivered(FarthingError):  # noqa: N818  what it is, not what went wrong here
    """A receiver did not take a notice. The message is a sentence without addresses' secrets."""

    code = "undelivered"
    status = 502

    def __init__(self, why: str, *, permanent: bool = False, retry_after: float | None = None) -> None:
        """`permanent` says that the same would happen again; `retry_after` are seconds, where the receiver named them."""
        super().__init__(why)
        self.permanent = permanent
        self.retry_after_s = retry_after


def wait_s(told: str, now_s: float) -> float | None:
    """How long to wait by a Retry-After header: a number of seconds or a date; None when it says nothing."""
    told = told.strip()
    try:
        is_number = told.replace(".", "", 1).isdecimal()
        when = (
            float(told)
            if is_number
            else (parsedate_to_datetime(told) - datetime.fromtimestamp(now_s, UTC)).total_seconds()
        )
    except (TypeError, ValueError):
        return None
    return min(max(when, 0.0), LONGEST_WAIT_S)
