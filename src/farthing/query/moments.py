"""Times as people write them in, Unix nanoseconds out; ranges cut at the hours, days, weeks and months of a time zone."""

import re
from bisect import bisect_right
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo

from farthing.query.errors import ParameterError

NS = 10**9
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

GRANULARITIES = ("minute", "hour", "day", "week", "month")
AUTO, NONE = "auto", "none"

COMFORTABLE = 62
"""As many points as a chart likes; `auto` takes the finest granularity that needs no more."""
MOST_POINTS = 5_000

_UNITS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400, "w": 604_800}
_SECONDS = {"minute": 60, "hour": 3_600, "day": 86_400, "week": 604_800, "month": 2_592_000}
_RELATIVE = re.compile(r"(?:now-)?(\d{1,6})([smhdw])")
_NUMBER = re.compile(r"\d{1,19}(\.\d{1,9})?")
_FRACTION = re.compile(r"(?<=:\d\d)[.,](\d{1,9})\d*")
_LATEST_NS = 4_102_444_800 * NS
"""The year 2100. The store's times end at 2106."""


def zone(name: str, parameter: str = "tz") -> ZoneInfo:
    """The time zone with this IANA name. Raises `ParameterError`."""
    found = _zone(name)
    if found is None:
        raise ParameterError(parameter, f"there is no time zone {name!r}; use a name such as UTC or Europe/Berlin.")
    return found


@lru_cache(maxsize=1024)
def _zone(name: str) -> ZoneInfo | None:
    if name.lower() in ("utc", "z"):
        return ZoneInfo("UTC")
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        # Not only unknown names: also "../x", a folder's name, or one too long for a file system.
        return None


def parse(parameter: str, text: str, now_ns: int, tz: tzinfo) -> int:
    """A moment: `now`, `now-7d` (s, m, h, d, w), RFC 3339, a date or a time without offset (in `tz`), or Unix time.

    Unix time may be in seconds, milliseconds, microseconds or nanoseconds; its size tells. Raises `ParameterError`.
    """
    said = text.strip()
    relative = _RELATIVE.fullmatch(said)
    if said == "now":
        at = now_ns
    elif relative:
        at = now_ns - int(relative[1]) * _UNITS[relative[2]] * NS
    elif _NUMBER.fullmatch(said):
        at = _unix(said)
    else:
        at = _written(parameter, said, tz)
    return min(max(at, 0), _LATEST_NS)


def is_fixed(text: str) -> bool:
    """Whether it means the same moment whenever it is said."""
    said = text.strip()
    return bool(said) and said != "now" and _RELATIVE.fullmatch(said) is None


def _unix(said: str) -> int:
    whole, _, fraction = said.partition(".")
    number = int(whole)
    scale = next((s for limit, s in ((10**11, NS), (10**14, 10**6), (10**17, 10**3)) if number < limit), 1)
    return number * scale + int(fraction.ljust(9, "0")) * scale // NS if fraction else number * scale


def _written(parameter: str, said: str, tz: tzinfo) -> int:
    # `datetime` keeps microseconds only: nanoseconds are added by hand.
    fraction = _FRACTION.search(said)
    try:
        moment = datetime.fromisoformat(_FRACTION.sub("", said))
    except ValueError:
        msg = f"{said[:60]!r} is no time; write now, now-24h, 2026-11-01, 2026-11-01T08:30:00Z or a Unix time."
        raise ParameterError(parameter, msg) from None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=tz)
    try:
        since = moment.astimezone(UTC) - EPOCH
    except OverflowError:
        raise ParameterError(parameter, f"{said!r} is out of range.") from None
    return since // timedelta(microseconds=1) * 1000 + (int(fraction[1].ljust(9, "0")) if fraction else 0)


def granularity(wanted: str, start_ns: int, end_ns: int) -> str:
    """The granularity to use for a range. Raises `ParameterError` for an unknown one, or one with too many points."""
    if wanted == NONE:
        return NONE
    seconds = (end_ns - start_ns) / NS
    if wanted == AUTO:
        return next((g for g in GRANULARITIES if seconds / _SECONDS[g] <= COMFORTABLE), GRANULARITIES[-1])
    if wanted not in GRANULARITIES:
        raise ParameterError("granularity", f"{wanted!r} is none of auto, none, {', '.join(GRANULARITIES)}.")
    points = int(seconds / _SECONDS[wanted]) + 1
    if points > MOST_POINTS:
        msg = f"{wanted} would make {points:,} points of this range; at most {MOST_POINTS:,} are given."
        raise ParameterError("granularity", msg)
    return wanted


def edges(step: str, start_ns: int, end_ns: int, tz: tzinfo) -> list[int]:
    """The Unix seconds at which the buckets of a range begin, the one that holds its first moment included."""
    at = _floor(step, start_ns // NS, tz)
    found = [at]
    while (at := _next(step, at, tz)) * NS < end_ns:
        found.append(at)
    return found


def holding(found: list[int], at_ns: int) -> int:
    """The edge of the bucket that holds a moment."""
    return found[bisect_right(found, at_ns // NS) - 1]


def _floor(step: str, at: int, tz: tzinfo) -> int:
    if step == "minute":
        return at - at % 60
    local = datetime.fromtimestamp(at, tz)
    if step == "hour":
        return _hour(at, tz)
    day = local.date()
    if step == "week":
        day -= timedelta(days=day.weekday())
    elif step == "month":
        day = day.replace(day=1)
    return midnight(day, tz)


def _next(step: str, at: int, tz: tzinfo) -> int:
    if step == "minute":
        return at + 60
    if step == "hour":
        # Where clocks go by half an hour, an hour may have thirty minutes.
        return next((h for h in (_hour(at + 1_800, tz), _hour(at + 3_600, tz)) if h > at), at + 3_600)
    # Local midnights may be 23 to 25 hours apart; noon is always in the same day.
    noon = datetime.fromtimestamp(at, tz).replace(tzinfo=None, hour=12, minute=0, second=0)
    if step == "month":
        noon = (noon.replace(day=28) + timedelta(days=4)).replace(day=1)
    else:
        noon += timedelta(days=7 if step == "week" else 1)
    return midnight(noon.date(), tz)


def _hour(at: int, tz: tzinfo) -> int:
    local = datetime.fromtimestamp(at, tz)
    begun = at - local.minute * 60 - local.second
    # A change of the clock by half an hour lies within this hour: it begins with the change.
    offset = local.utcoffset()
    if datetime.fromtimestamp(begun, tz).utcoffset() != offset:
        while datetime.fromtimestamp(begun, tz).utcoffset() != offset:
            begun += 60
    return begun


def midnight(day: date, tz: tzinfo) -> int:
    """The Unix second at which a day begins in a time zone."""
    # Where midnight is skipped, the offset before the change gives the first moment of the day; where it comes
    # twice, the first one is meant.
    return int(datetime(day.year, day.month, day.day, tzinfo=tz, fold=0).timestamp())


def rfc3339(at_ns: int) -> str:
    """A moment in UTC with as many decimals as it needs, in threes."""
    seconds, rest = divmod(at_ns, NS)
    text = (EPOCH + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%S")
    digits = f"{rest:09d}"
    while digits.endswith("000"):
        digits = digits[:-3]
    return f"{text}.{digits}Z" if digits else f"{text}Z"
