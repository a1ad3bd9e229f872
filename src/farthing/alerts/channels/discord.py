"""A notice in; the message for a Discord webhook out.

Source: https://discord.com/developers/docs/resources/webhook#execute-webhook
"""

import re
from typing import Any

import msgspec

from farthing.alerts.addresses import Addresses
from farthing.alerts.channels import lines
from farthing.alerts.channels.kind import Kind
from farthing.alerts.channels.posting import Envelope, Post, by_post, check_url
from farthing.alerts.notice import Listed, Notice

_MOST_TITLE, _MOST_TEXT, _MOST_NAME, _MOST_VALUE, _MOST_FIELDS = 256, 2_000, 256, 500, 6
"""Within what Discord takes: 6,000 characters in all."""
_MOST_ROWS = 5
_MARKUP = re.compile(r"([\\*_~`|>#\[\]()<@:-])")


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is entered."""

    url: str
    """The webhook's; whoever knows it may post."""


def posts(settings: Settings, notice: Notice, _: Envelope) -> list[Post]:
    """The request."""
    body = lines.encoded(message(notice))
    return [Post(settings.url, body, secrets=(settings.url,))]


def message(notice: Notice) -> dict[str, Any]:
    """What is posted. It mentions nobody, whatever names the data hold."""
    parts = [_safe(notice.summary), *(_listed(one) for one in lines.lists(notice))]
    if notice.what_to_do:
        parts.append(f"**What to do**\n{_safe(notice.what_to_do)}")
    embed: dict[str, Any] = {
        "title": lines.clip(_safe(lines.headline(notice)), _MOST_TITLE),
        "description": lines.clip("\n\n".join(parts), _MOST_TEXT),
        "color": int(lines.colour(notice)[1:], 16),
        "fields": [
            {
                "name": lines.clip(_safe(name), _MOST_NAME),
                "value": lines.clip(_safe(value), _MOST_VALUE),
                "inline": True,
            }
            for name, value in lines.facts(notice)[:_MOST_FIELDS]
        ],
        "timestamp": notice.at,
        "footer": {"text": "Farthing"},
    }
    if lines.is_link(notice.link):
        embed["url"] = notice.link
    return {"username": "Farthing", "embeds": [embed], "allowed_mentions": {"parse": []}}


def _listed(listed: Listed) -> str:
    rows = [f"**{_safe(listed.title)}**"]
    for what, change, link in listed.rows[:_MOST_ROWS]:
        shown = _safe(lines.clip(what, _MOST_NAME))
        name = f"[{shown}]({link.replace(')', '%29')})" if lines.is_link(link) else shown
        rows.append(f"• {name}{f': {_safe(change)}' if change else ''}")
    return "\n".join(rows)


def _safe(text: str) -> str:
    """Nothing in it is markup."""
    return _MARKUP.sub(r"\\\1", text)


def _check(settings: Settings, addresses: Addresses) -> None:
    check_url("settings.url", settings.url, addresses)


DISCORD = Kind("discord", Settings, ("url",), _check, by_post(posts))
