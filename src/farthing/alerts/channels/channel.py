"""The noun that an operator makes: where people are told, of what, and when a digest is wanted. Pure."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

import msgspec

from farthing.query import moments
from farthing.query.errors import ParameterError

LEAST = ("info", "warning", "critical", "none")
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

_LONGEST_NAME = 200
_MINUTES = 24 * 60


class Digest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """When a channel gets the sum of things."""

    every: Literal["day", "week"] = "day"
    at: str = "08:00"
    """By the clock of the time zone; days and weeks are its own too."""
    timezone: str = "UTC"
    weekday: str = "mon"
    """Of a weekly one."""

    @property
    def minute(self) -> int:
        """The minutes since midnight that `at` means. Raises `ParameterError`."""
        hour, colon, minute = self.at.partition(":")
        is_clock = (
            bool(colon) and len(hour) == len(minute) == 2 and (hour + minute).isascii() and (hour + minute).isdigit()
        )
        found = int(hour) * 60 + int(minute) if is_clock else _MINUTES
        if found >= _MINUTES or int(minute) >= 60:
            raise ParameterError("digest.at", f"{self.at[:20]!r} is no time of day; write 08:30.")
        return found


class Channel(msgspec.Struct, frozen=True):
    """A channel, without its secrets."""

    id: str
    project_id: str
    name: str
    kind: str
    enabled: bool = True
    least_severity: str = "info"
    """Incidents that are less urgent are not told here; `none` leaves the digest alone."""
    settings: Mapping[str, Any] = {}
    hints: Mapping[str, str] = {}
    """To recognise each secret by."""
    digest: Digest | None = None
    created_at: datetime = moments.EPOCH
    updated_at: datetime = moments.EPOCH

    def check(self) -> None:
        """Raises `ParameterError`."""
        if not self.name.strip() or len(self.name) > _LONGEST_NAME or not self.name.isprintable():
            raise ParameterError("name", f"1 to {_LONGEST_NAME} printable characters.")
        if self.least_severity not in LEAST:
            raise ParameterError("least_severity", f"one of {', '.join(LEAST)}.")
        if self.digest is not None:
            moments.zone(self.digest.timezone, "digest.timezone")
            _ = self.digest.minute
            if self.digest.weekday not in WEEKDAYS:
                raise ParameterError("digest.weekday", f"one of {', '.join(WEEKDAYS)}.")
            if self.kind == "pagerduty":
                raise ParameterError("digest", "nobody is to be paged by a digest; use another channel.")
