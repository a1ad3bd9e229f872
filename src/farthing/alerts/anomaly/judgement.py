"""How anomalies are to be judged, and what came of it: the nouns, without arrays."""

import msgspec

STEP_S = 300
"""The recent past is known in steps of five minutes."""
BUCKET_S = 1800
"""The past is known in half hours."""
DAY_S = 86_400
WEEK_S = 7 * DAY_S

Interval = tuple[int, int]
"""From, to: Unix seconds."""


class Settings(msgspec.Struct, frozen=True):
    """How much is too much."""

    times: float = 3.0
    """How many times the usual is to be found within five minutes. What is less takes longer: two thirds of it an hour."""
    least: float = 1.0
    """No alarm before this much more than usual was spent, in the amounts' own unit."""
    score: float = 4.5
    """How many deviations of the group's own noise an alarm is beyond: about one in 300,000 steps by chance."""
    trailing_days: int = 14
    """How far back the usual is learnt from."""
    unit: str = "$"
    """What stands before amounts in sentences."""
    slow: bool = True
    """Whether growth over weeks is looked for."""

    def ratio(self, seconds: int) -> float:
        """How many times the usual a window of this length must be to be an alarm, whatever the noise."""
        part = 0.45 if seconds <= 300 else 0.4 if seconds <= 900 else 0.28 if seconds <= 3600 else 0.18
        return 1 + (self.times - 1) * part


class Judgement(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be said of one group now."""

    firing: bool
    recovered: bool
    """Well within its band: an incident that is open may end. Neither firing nor recovered: it stays as it is."""
    enough: bool
    """False: nothing can be said, because too little of the recent past or of the past is known."""
    pooled: bool
    """Judged by what is usual in the whole project, because the group is new or has few calls."""
    expected_by_people: bool = False
    """Now is within an interval that people marked as expected."""
    actual: float | None = None
    expected: float | None = None
    lower: float | None = None
    upper: float | None = None
    """The alarm's limit for this window."""
    since_s: int | None = None
    window: Interval = (0, 0)
    """The window that the figures are of."""
    sign: str = ""
    """What gave it away: rate, calls, sum, day or growth."""
    why: str = ""


NOTHING_KNOWN = "Too little is known to judge it: of the last hours, or of a whole week before."
