"""A notice in; events for PagerDuty's Events API v2 out: one incident there for each of ours, resolved when ours is over.

Source: https://developer.pagerduty.com/docs/events-api-v2-overview
"""

import re
from typing import Any, Literal

import msgspec

from farthing.alerts.addresses import Addresses
from farthing.alerts.channels import lines
from farthing.alerts.channels.kind import Kind
from farthing.alerts.channels.posting import Envelope, Post, by_post, check_url
from farthing.alerts.notice import Notice
from farthing.query.errors import ParameterError

_URLS = {"us": "https://events.pagerduty.com/v2/enqueue", "eu": "https://events.eu.pagerduty.com/v2/enqueue"}
_MOST_SUMMARY, _MOST_LINKS, _MOST_TEXT = 1_024, 10, 1_000
_KEY = re.compile(r"[A-Za-z0-9]{32}")


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is entered."""

    routing_key: str
    """The integration key of a service."""
    region: Literal["us", "eu"] = "us"
    url: str = ""
    """Instead of PagerDuty's own: for services that take the same events. Some of these put a token into it."""


def posts(settings: Settings, notice: Notice, envelope: Envelope) -> list[Post]:
    """The requests: a test is resolved as soon as it is triggered, so that it wakes nobody for long."""
    actions = {"recovered": ["resolve"], "acknowledged": ["acknowledge"], "test": ["trigger", "resolve"]}
    return [
        Post(
            settings.url or _URLS[settings.region],
            lines.encoded(event(settings.routing_key, notice, envelope.delivery_id, action)),
            secrets=(settings.routing_key,),
        )
        for action in actions.get(notice.what, ["trigger"])
    ]


def event(routing_key: str, notice: Notice, delivery_id: str, action: str) -> dict[str, Any]:
    """One event."""
    told: dict[str, Any] = {
        "routing_key": routing_key,
        "event_action": action,
        "dedup_key": notice.dedup_key or delivery_id,
    }
    if action != "trigger":
        return told
    rows = [row for one in lines.lists(notice) for row in one.rows]
    details = {name: lines.clip(value, _MOST_TEXT) for name, value in lines.facts(notice)}
    details |= {lines.clip(what, _MOST_TEXT): lines.clip(change, _MOST_TEXT) for what, change, _ in rows[:_MOST_LINKS]}
    details |= {"What to do": notice.what_to_do} if notice.what_to_do else {}
    links = [("The incident", notice.link), *((what, link) for what, _, link in rows)]
    return told | {
        "client": "Farthing",
        "payload": {
            "summary": lines.clip(f"{lines.headline(notice)}. {notice.summary}", _MOST_SUMMARY),
            "source": lines.one_line(notice.project_name) or "farthing",
            "severity": notice.severity,
            "timestamp": notice.at,
            "component": lines.one_line(notice.rule_name) or None,
            "group": ", ".join(lines.one_line(value or lines.NOT_TOLD) for _, value in notice.group) or None,
            "class": notice.what,
            "custom_details": details,
        },
        "links": [{"href": link, "text": text} for text, link in links if lines.is_link(link)][:_MOST_LINKS],
    }


def _check(settings: Settings, addresses: Addresses) -> None:
    if not _KEY.fullmatch(settings.routing_key):
        raise ParameterError("settings.routing_key", "the integration key of a service: 32 letters and digits.")
    if settings.url:
        check_url("settings.url", settings.url, addresses)


PAGERDUTY = Kind("pagerduty", Settings, ("routing_key", "url"), _check, by_post(posts), holds_open=True)
