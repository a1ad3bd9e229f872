"""A clock that stands still until told otherwise."""

from datetime import UTC, datetime, timedelta


class StandingClock:
    """Calling it tells the time."""

    def __init__(self) -> None:
        """Noon of a summer's day."""
        self.now = datetime(2026, 7, 1, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        """The time."""
        return self.now

    def go(self, **time: float) -> datetime:
        """Let time pass."""
        self.now += timedelta(**time)
        return self.now
