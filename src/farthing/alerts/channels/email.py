"""A notice in; a mail out: plain text, HTML and a chart, with an id that stays the same when it is sent again. Pure, but for sending."""

import re
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from html import escape
from typing import Literal

import msgspec

from farthing.alerts.addresses import Addresses
from farthing.alerts.channels import chart, lines
from farthing.alerts.channels.kind import Kind
from farthing.alerts.channels.posting import Envelope
from farthing.alerts.notice import Notice
from farthing.query.errors import ParameterError

_MOST_RECIPIENTS, _LONGEST = 50, 320
_MOST_SUBJECT = 200
_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,250}[A-Za-z0-9])?")
_HOST = re.compile(r"[A-Za-z0-9:](?:[A-Za-z0-9.:_-]{0,250}[A-Za-z0-9])?")


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is entered."""

    host: str
    """The SMTP server."""
    sender: str
    recipients: tuple[str, ...]
    port: int = 587
    security: Literal["starttls", "tls", "plain"] = "starttls"
    username: str = ""
    password: str = ""


def message(settings: Settings, notice: Notice, delivery_id: str) -> EmailMessage:
    """The mail. Those of one incident are one conversation."""
    mail = EmailMessage()
    domain = parseaddr(settings.sender)[1].partition("@")[2] or "farthing"
    mail["Message-ID"] = f"<{delivery_id}@{domain}>"
    if notice.dedup_key:
        mail["References"] = f"<{notice.dedup_key}@{domain}>"
    mail["Date"] = format_datetime(datetime.fromisoformat(notice.at))
    mail["From"] = settings.sender
    mail["To"] = ", ".join(settings.recipients)
    mail["Subject"] = lines.clip(f"[Farthing] {lines.headline(notice)}", _MOST_SUBJECT)
    # So that holiday answers don't come back.
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(text(notice))
    mail.add_alternative(html(notice), subtype="html")
    if notice.image_png:
        *_, page = mail.iter_parts()
        assert isinstance(page, EmailMessage)  # noqa: S101  the HTML that was added above
        page.add_related(
            notice.image_png, "image", "png", cid=f"<{_CHART}>", filename="chart.png", disposition="inline"
        )
    return mail


def text(notice: Notice) -> str:
    """All of it as plain text."""
    parts = [lines.headline(notice), notice.summary]
    parts.append("\n".join(f"{name}: {value}" for name, value in lines.facts(notice)))
    for one in lines.lists(notice):
        rows = [f"- {what}{f': {change}' if change else ''}{_after(link)}" for what, change, link in one.rows]
        parts.append("\n".join([f"{one.title}:", *rows]))
    if notice.what_to_do:
        parts.append(f"What to do: {notice.what_to_do}")
    if lines.is_link(notice.link):
        parts.append(notice.link)
    return "\n\n".join(part for part in parts if part) + "\n"


def html(notice: Notice) -> str:
    """All of it as HTML that mail programs show alike: tables, and styles on each element."""
    parts = [
        f'<h2 style="margin:0 0 8px;font-size:18px;color:{lines.colour(notice)}">{escape(lines.headline(notice))}</h2>',
        f'<p style="margin:0 0 12px">{escape(notice.summary)}</p>',
    ]
    if notice.image_png:
        parts.append(
            f'<img src="cid:{_CHART}" width="{chart.WIDTH}" height="{chart.HEIGHT}" alt="{_CAPTIONS[notice.what == "digest"]}" '
            'style="display:block;max-width:100%;margin:0 0 2px">'
            f'<p style="margin:0 0 12px;font-size:12px;color:#52606d">{_CAPTIONS[notice.what == "digest"]}</p>'
        )
    parts.append(_table([(escape(name), escape(value)) for name, value in lines.facts(notice)]))
    for one in lines.lists(notice):
        parts.append(f'<h3 style="margin:16px 0 4px;font-size:14px">{escape(one.title)}</h3>')
        parts.append(_table([(_linked(what, link), escape(change)) for what, change, link in one.rows]))
    if notice.what_to_do:
        parts.append(f'<p style="margin:16px 0 0"><b>What to do:</b> {escape(notice.what_to_do)}</p>')
    if lines.is_link(notice.link):
        parts.append(f'<p style="margin:16px 0 0">{_linked("Open in Farthing", notice.link)}</p>')
    inner = "\n".join(parts)
    return (
        '<!doctype html><html><body style="font-family:system-ui,-apple-system,Segoe UI,Roboto,sans-serif;'
        f'font-size:14px;line-height:1.45;color:#1f2933;margin:16px">\n{inner}\n</body></html>\n'
    )


_CHART = "chart@farthing"
_CAPTIONS = {
    False: "The last 24 hours. Behind them: from the least to the most of the same hours of the 7 days before.",
    True: "Hour by hour.",
}


def _table(rows: list[tuple[str, str]]) -> str:
    drawn = "".join(
        f'<tr><td style="padding:2px 16px 2px 0;color:#52606d;vertical-align:top">{name}</td>'
        f'<td style="padding:2px 0;font-variant-numeric:tabular-nums">{value}</td></tr>'
        for name, value in rows
    )
    return f'<table style="border-collapse:collapse;font-size:14px">{drawn}</table>'


def _linked(told: str, link: str) -> str:
    return f'<a href="{escape(link)}">{escape(told)}</a>' if lines.is_link(link) else escape(told)


def _after(link: str) -> str:
    return f" ({link})" if lines.is_link(link) else ""


async def _send(settings: Settings, notice: Notice, envelope: Envelope, addresses: Addresses) -> str:
    # Here and not on top: a server that sends no mail need not wait for what only mails need.
    from farthing.alerts.channels import smtp  # noqa: PLC0415

    mail = message(settings, notice, envelope.delivery_id)
    found = await addresses.of(settings.host, settings.port)
    server = smtp.Server(settings.host, settings.port, found, settings.security, settings.username, settings.password)
    return await smtp.send(server, mail, settings.sender, settings.recipients)


def _check(settings: Settings, addresses: Addresses) -> None:
    if not _HOST.fullmatch(settings.host):
        raise ParameterError("settings.host", "the name or address of an SMTP server.")
    addresses.check("settings.host", settings.host)
    if not 0 < settings.port < 1 << 16:
        raise ParameterError("settings.port", "from 1 to 65535.")
    for field, address in (
        ("settings.sender", settings.sender),
        *((f"settings.recipients.{number}", one) for number, one in enumerate(settings.recipients)),
    ):
        if not _ADDRESS.fullmatch(address) or len(address) > _LONGEST:
            raise ParameterError(field, "an address such as ops@example.com.")
    if not 0 < len(settings.recipients) <= _MOST_RECIPIENTS:
        raise ParameterError("settings.recipients", f"1 to {_MOST_RECIPIENTS} addresses.")
    if settings.password and not settings.username:
        raise ParameterError("settings.username", "whose password it is.")
    if settings.username and settings.security == "plain" and not addresses.may_be_plain(settings.host):
        raise ParameterError("settings.security", "a password needs starttls or tls.")


EMAIL = Kind("email", Settings, ("password",), _check, _send)
