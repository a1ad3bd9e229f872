"""A notice in; the message for Slack's incoming webhooks, or of servers that take the same, out.

Source: https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks, https://docs.slack.dev/reference/block-kit/blocks
"""

from typing import Any

import msgspec

from farthing.alerts.addresses import Addresses
from farthing.alerts.channels import lines
from farthing.alerts.channels.kind import Kind
from farthing.alerts.channels.posting import Envelope, Post, by_post, check_url
from farthing.alerts.notice import Listed, Notice

_MOST_HEADER, _MOST_TEXT, _MOST_FIELD, _MOST_FIELDS = 150, 3_000, 2_000, 10
_MOST_ROWS = 10
_MARKS = {"critical": "\N{LARGE RED CIRCLE}", "warning": "\N{LARGE ORANGE CIRCLE}", "info": "\N{LARGE BLUE CIRCLE}"}
_OVER = "\N{LARGE GREEN CIRCLE}"


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is entered."""

    url: str
    """The webhook's; whoever knows it may post."""


def posts(settings: Settings, notice: Notice, _: Envelope) -> list[Post]:
    """The request."""
    body = lines.encoded(message(notice))
    return [Post(settings.url, body, secrets=(settings.url,))]


def message(notice: Notice) -> dict[str, Any]:
    """What is posted: `text` is for notifications and readers, `blocks` is what is seen."""
    mark = _OVER if notice.what == "recovered" else _MARKS[notice.severity]
    headline = lines.headline(notice)
    blocks = [
        {
            "type": "header",
            "text": {"type": "plain_text", "text": lines.clip(f"{mark} {headline}", _MOST_HEADER), "emoji": True},
        },
        _section(_safe(notice.summary)),
    ]
    told = [_marked(lines.clip(f"*{_safe(name)}*\n{_safe(value)}", _MOST_FIELD)) for name, value in lines.facts(notice)]
    if told:
        blocks.append({"type": "section", "fields": told[:_MOST_FIELDS]})
    blocks += [_section(_listed(one)) for one in lines.lists(notice)]
    if notice.what_to_do:
        blocks.append(_section(f"*What to do*\n{_safe(notice.what_to_do)}"))
    if lines.is_link(notice.link):
        button = {"type": "button", "text": {"type": "plain_text", "text": "Open in Farthing"}, "url": notice.link}
        blocks.append({"type": "actions", "elements": [button]})
    return {"text": lines.clip(_safe(f"{headline}. {notice.summary}"), _MOST_TEXT), "blocks": blocks}


def _section(text: str) -> dict[str, Any]:
    return {"type": "section", "text": _marked(lines.clip(text, _MOST_TEXT))}


def _marked(text: str) -> dict[str, Any]:
    # Without `verbatim` addresses and names of people in the data would become links and mentions.
    return {"type": "mrkdwn", "text": text, "verbatim": True}


def _listed(listed: Listed) -> str:
    rows = [f"*{_safe(listed.title)}*"]
    for what, change, link in listed.rows[:_MOST_ROWS]:
        name = f"<{_in_link(link)}|{_safe(what)}>" if lines.is_link(link) else _safe(what)
        rows.append(f"• {name}{f': {_safe(change)}' if change else ''}")
    return "\n".join(rows)


def _safe(text: str) -> str:
    """Nothing in it calls a person, a channel or a link."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _in_link(link: str) -> str:
    return _safe(link.replace("|", "%7C"))


def _check(settings: Settings, addresses: Addresses) -> None:
    check_url("settings.url", settings.url, addresses)


SLACK = Kind("slack", Settings, ("url",), _check, by_post(posts))
