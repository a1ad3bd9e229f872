"""The noun that people are told by: what happened, how much against what, since when, because of what, what to do. Pure."""

from typing import Literal

import msgspec

What = Literal["opened", "escalated", "reminder", "recovered", "acknowledged", "test", "digest"]


Rows = tuple[tuple[str, str, str], ...]
"""What, how much, and where to look at it; the latter two may be empty."""


class Listed(msgspec.Struct, frozen=True):
    """Something told row by row, under a heading."""

    title: str
    rows: Rows


class Notice(msgspec.Struct, frozen=True, kw_only=True):
    """One message about one event, worded, in whatever form a channel then gives it."""

    id: str
    """Of the event: each channel gets it once."""
    incident_id: str = ""
    dedup_key: str = ""
    """The same for all notices of an incident, and for the next incident of its rule and group."""
    what: What
    severity: Literal["info", "warning", "critical"]
    title: str
    summary: str
    """One sentence: what, how much against what."""
    project_name: str = ""
    rule_name: str = ""
    group: tuple[tuple[str, str | None], ...] = ()
    """Names of dimensions and their values; None: calls of which nobody said."""
    actual: str = ""
    limit: str = ""
    """Both as they are to be shown; empty where there are none."""
    since: str = ""
    """RFC 3339, as `at`."""
    drivers: Rows = ()
    """What moved, and by how much."""
    lists: tuple[Listed, ...] = ()
    """What a digest tells besides."""
    what_to_do: str = ""
    link: str = ""
    at: str
    image_png: bytes | None = None
    """A chart, for mails."""
