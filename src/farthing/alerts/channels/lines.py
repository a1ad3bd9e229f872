"""A notice in; the lines that every channel shows of it, each in its own form, out. Pure."""

from collections.abc import Mapping
from typing import Any

import msgspec

from farthing.alerts.notice import Listed, Notice

NOT_TOLD = "(not told)"
BLANK = "(blank)"
"""What has a name or a value of which nothing is to be seen."""

COLOURS: Mapping[str, str] = {"critical": "#d63031", "warning": "#e67e22", "info": "#2d7dd2", "over": "#2f9e5b"}


def one_line(text: str) -> str:
    """Names come with calls: none can begin a line of its own, which would look like ours, or turn around what follows it."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())


def headline(notice: Notice) -> str:
    """What happened, in one line."""
    return one_line(notice.title)


def facts(notice: Notice) -> list[tuple[str, str]]:
    """How much against what, of what, since when; names and values."""
    found: list[tuple[str, str]] = []
    if notice.actual:
        found.append(("Measured", f"{notice.actual} against {notice.limit}" if notice.limit else notice.actual))
    found += [(name, NOT_TOLD if value is None else value) for name, value in notice.group]
    told = (
        ("Since", notice.since),
        ("Rule", notice.rule_name),
        ("Project", notice.project_name),
        ("Severity", notice.severity if notice.what not in ("digest", "test") else ""),
    )
    found += [(name, value) for name, value in told if value]
    # Receivers refuse a field without a text, and with it the notice.
    return [(one_line(name) or BLANK, one_line(value) or BLANK) for name, value in found]


def lists(notice: Notice) -> list[Listed]:
    """All that is listed, what moved first."""
    found = [Listed("Because of", notice.drivers), *notice.lists] if notice.drivers else [*notice.lists]
    return [
        Listed(one_line(one.title), tuple((one_line(what), one_line(change), link) for what, change, link in one.rows))
        for one in found
    ]


def colour(notice: Notice) -> str:
    """How bad it is, as #rrggbb."""
    return COLOURS["over" if notice.what == "recovered" else notice.severity]


def clip(text: str, most: int) -> str:
    """At most so many characters of it."""
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def is_link(link: str) -> bool:
    """Whether somebody elsewhere can follow it."""
    return link.startswith(("https://", "http://"))


def document(notice: Notice, delivery_id: str) -> dict[str, Any]:
    """A notice as programs get it."""
    return {
        "type": f"alert.{notice.what}",
        "timestamp": notice.at,
        "data": {
            "delivery_id": delivery_id,
            "notice_id": notice.id,
            "incident_id": notice.incident_id or None,
            "dedup_key": notice.dedup_key or None,
            "what": notice.what,
            "severity": notice.severity,
            "title": notice.title,
            "summary": notice.summary,
            "project": notice.project_name,
            "rule": notice.rule_name or None,
            "group": dict(notice.group),
            "actual": notice.actual or None,
            "limit": notice.limit or None,
            "since": notice.since or None,
            "drivers": [_row(row) for row in notice.drivers],
            "lists": [{"title": one.title, "rows": [_row(row) for row in one.rows]} for one in notice.lists],
            "what_to_do": notice.what_to_do or None,
            "link": notice.link or None,
        },
    }


def encoded(told: object) -> bytes:
    """Its JSON."""
    return msgspec.json.encode(told)


def _row(row: tuple[str, str, str]) -> dict[str, str | None]:
    what, change, link = row
    return {"what": what, "change": change or None, "link": link or None}
