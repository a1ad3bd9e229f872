"""Quiet hours and a moment in; when people may be told again out. Pure."""

from datetime import UTC, datetime, timedelta

from farthing.alerts.rule import WEEKDAYS, QuietHours, minute_of_day
from farthing.query.moments import NS, zone


def until(quiet: QuietHours | None, now_ns: int) -> int | None:
    """The Unix nanosecond at which the quiet hours that hold now are over; None when none do."""
    if quiet is None:
        return None
    tz = zone(quiet.timezone)
    now = datetime.fromtimestamp(now_ns // NS, UTC)
    since, end = minute_of_day("from", quiet.since), minute_of_day("to", quiet.until)
    today = now.astimezone(tz).date()
    # A night that began yesterday may go on today.
    for day in (today - timedelta(days=1), today):
        if WEEKDAYS[day.weekday()] not in quiet.weekdays:
            continue
        last = day + timedelta(days=1) if end <= since else day
        begun = datetime(day.year, day.month, day.day, since // 60, since % 60, tzinfo=tz)
        over = datetime(last.year, last.month, last.day, end // 60, end % 60, tzinfo=tz)
        if begun.timestamp() <= now.timestamp() < over.timestamp():
            return int(over.timestamp()) * NS
    return None
