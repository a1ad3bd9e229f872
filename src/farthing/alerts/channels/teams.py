"""A notice in; the adaptive card for a webhook of Microsoft Teams' workflows out.

Source: https://learn.microsoft.com/en-us/microsoftteams/platform/webhooks-and-connectors/how-to/connectors-using
"""

import re
from typing import Any

import msgspec

from farthing.alerts.addresses import Addresses
from farthing.alerts.channels import lines
from farthing.alerts.channels.kind import Kind
from farthing.alerts.channels.posting import Envelope, Post, by_post, check_url
from farthing.alerts.notice import Listed, Notice

_MOST_TITLE, _MOST_TEXT, _MOST_VALUE, _MOST_FACTS = 200, 1_000, 200, 8
"""Within what Teams takes, which is 28 KB in all, also where a letter is three bytes."""
_MOST_ROWS = 5
_MARKUP = re.compile(r"([\\*_\[\]()#`~>-])")
_STYLES = {"critical": "attention", "warning": "warning", "info": "accent"}


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is entered."""

    url: str
    """The workflow's; whoever knows it may post."""


def posts(settings: Settings, notice: Notice, _: Envelope) -> list[Post]:
    """The request."""
    body = lines.encoded(message(notice))
    return [Post(settings.url, body, secrets=(settings.url,))]


def message(notice: Notice) -> dict[str, Any]:
    """What is posted."""
    style = "good" if notice.what == "recovered" else _STYLES[notice.severity]
    title = lines.clip(_safe(lines.headline(notice)), _MOST_TITLE)
    body: list[dict[str, Any]] = [
        {
            "type": "Container",
            "style": style,
            "bleed": True,
            "items": [{"type": "TextBlock", "text": title, "size": "Large", "weight": "Bolder", "wrap": True}],
        },
        _text(_safe(notice.summary)),
        {
            "type": "FactSet",
            "facts": [
                {"title": lines.clip(_safe(name), _MOST_VALUE), "value": lines.clip(_safe(value), _MOST_VALUE)}
                for name, value in lines.facts(notice)[:_MOST_FACTS]
            ],
        },
    ]
    for one in lines.lists(notice):
        body += [_text(f"**{_safe(one.title)}**"), _text(_listed(one))]
    if notice.what_to_do:
        body += [_text("**What to do**"), _text(_safe(notice.what_to_do))]
    card: dict[str, Any] = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "body": body,
        "msteams": {"width": "Full"},
    }
    if lines.is_link(notice.link):
        card["actions"] = [{"type": "Action.OpenUrl", "title": "Open in Farthing", "url": notice.link}]
    attachment = {"contentType": "application/vnd.microsoft.card.adaptive", "contentUrl": None, "content": card}
    return {"type": "message", "attachments": [attachment]}


def _text(text: str) -> dict[str, Any]:
    return {"type": "TextBlock", "text": lines.clip(text, _MOST_TEXT), "wrap": True}


def _listed(listed: Listed) -> str:
    rows: list[str] = []
    for what, change, link in listed.rows[:_MOST_ROWS]:
        shown = _safe(lines.clip(what, _MOST_TITLE))
        name = f"[{shown}]({link.replace(')', '%29')})" if lines.is_link(link) else shown
        rows.append(f"- {name}{f': {_safe(change)}' if change else ''}")
    return "\n".join(rows)


def _safe(text: str) -> str:
    """Nothing in it is markup."""
    return _MARKUP.sub(r"\\\1", text)


def _check(settings: Settings, addresses: Addresses) -> None:
    check_url("settings.url", settings.url, addresses)


TEAMS = Kind("teams", Settings, ("url",), _check, by_post(posts))
