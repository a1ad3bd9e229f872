"""Quiet hours and moments in; when people may be told again out."""

from datetime import datetime

import pytest

from farthing.alerts import quiet
from farthing.alerts.rule import QuietHours
from farthing.query.moments import NS

NIGHT = QuietHours("22:00", "07:00", "Europe/Berlin")
WEEKEND = QuietHours("00:00", "23:59", "UTC", ("sat", "sun"))


@pytest.mark.parametrize(
    ("hours", "now", "until"),
    [
        (NIGHT, "2026-11-20T21:59:59+01:00", None),
        (NIGHT, "2026-11-20T22:00:00+01:00", "2026-11-21T07:00:00+01:00"),
        (NIGHT, "2026-11-21T06:59:59+01:00", "2026-11-21T07:00:00+01:00"),
        (NIGHT, "2026-11-21T07:00:00+01:00", None),
        (NIGHT, "2026-03-28T23:00:00+01:00", "2026-03-29T07:00:00+02:00"),  # a night of an hour less
        (NIGHT, "2026-10-24T23:00:00+02:00", "2026-10-25T07:00:00+01:00"),
        (WEEKEND, "2026-11-21T12:00:00+00:00", "2026-11-21T23:59:00+00:00"),
        (WEEKEND, "2026-11-23T12:00:00+00:00", None),
        (QuietHours("22:00", "07:00", "UTC", ("fri",)), "2026-11-21T03:00:00+00:00", "2026-11-21T07:00:00+00:00"),
        (QuietHours("22:00", "07:00", "UTC", ("sat",)), "2026-11-21T03:00:00+00:00", None),
        (None, "2026-11-21T03:00:00+00:00", None),
    ],
)
def test_they_end_when_the_clock_on_the_wall_says_so(hours: QuietHours | None, now: str, until: str | None) -> None:
    at = int(datetime.fromisoformat(now).timestamp())
    wanted = None if until is None else int(datetime.fromisoformat(until).timestamp()) * NS
    assert quiet.until(hours, at * NS) == wanted
