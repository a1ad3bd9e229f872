"""Requests to a receiver's URL in; sent, each within its time and to no address but those that were looked at; or `Undelivered`."""

import re
import socket
from collections.abc import Callable, Coroutine, Iterable, Mapping, Sequence
from typing import Any, TypeVar
from urllib.parse import parse_qsl, unquote, urlsplit

import msgspec

from farthing.alerts.addresses import Addresses
from farthing.alerts.notice import Notice
from farthing.alerts.undelivered import Undelivered, wait_s
from farthing.query.errors import ParameterError

TIMEOUT_S = 10.0
"""From looking up the name to the last byte of the answer."""

_MOST_READ = 4_096
_MOST_SHOWN = 200
_SHORTEST_SECRET = 6
"""Shorter parts of a secret are words, such as the `hooks` of a path."""
_BORDERS = re.compile(r"[\s/?&=,:]+")
_LONGEST_URL = 2_000
_OK, _REDIRECT, _REFUSED, _BROKEN = 200, 300, 400, 500
_MAY_PASS = frozenset({408, 409, 421, 423, 425, 429})
"""Refusals that may be none later."""
_NEVER = frozenset({501, 505})

S = TypeVar("S")


class Envelope(msgspec.Struct, frozen=True):
    """What is known of a delivery besides its notice: the id it keeps however often it is tried, and the time."""

    delivery_id: str
    now_s: int


class Post(msgspec.Struct, frozen=True):
    """One request. Its secrets are what must not be shown of the answer."""

    url: str
    body: bytes
    headers: Mapping[str, str] = {}
    secrets: tuple[str, ...] = ()

    def __repr__(self) -> str:
        """Without the URL, which may hold a token."""
        return f"Post({len(self.body)} bytes)"


Send = Callable[[S, Notice, Envelope, Addresses], Coroutine[Any, Any, str]]
"""Sends a notice by these settings; answers what is to be remarked. Raises `Undelivered`."""


def by_post(posts: Callable[[S, Notice, Envelope], Sequence[Post]]) -> Send[S]:
    """A way to send what is a few requests."""

    async def send(settings: S, notice: Notice, envelope: Envelope, addresses: Addresses) -> str:
        for post in posts(settings, notice, envelope):
            await _send(post, envelope.now_s, addresses)
        return ""

    return send


def check_url(field: str, url: str, addresses: Addresses) -> None:
    """Raises `ParameterError` for what is no URL to post to."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        parts, host = None, ""
    is_plain = url.isascii() and url.isprintable() and " " not in url and len(url) <= _LONGEST_URL
    if parts is None or parts.scheme not in ("https", "http") or not host or not is_plain:
        raise ParameterError(field, "an address such as https://hooks.example.com/alerts.")
    if parts.username is not None or parts.fragment:
        raise ParameterError(field, "without a user, a password or a #fragment.")
    addresses.check(field, host)


async def _send(post: Post, now_s: float, addresses: Addresses) -> None:
    # Here and not on top: a server that tells nobody anything need not wait for it at its start.
    import aiohttp  # noqa: PLC0415

    from farthing.alerts.channels.looking_up import LookingUp  # noqa: PLC0415

    host = urlsplit(post.url).hostname or ""
    # A name that is an address already is not looked up.
    addresses.check_address(host)
    connector = aiohttp.TCPConnector(resolver=LookingUp(addresses), force_close=True, limit=1)
    timeout = aiohttp.ClientTimeout(total=TIMEOUT_S)
    try:
        async with aiohttp.ClientSession(
            connector=connector, timeout=timeout, cookie_jar=aiohttp.DummyCookieJar(), auto_decompress=False
        ) as session:
            headers = {"Content-Type": "application/json", "User-Agent": "Farthing", **post.headers}
            async with session.post(post.url, data=post.body, headers=headers, allow_redirects=False) as answer:
                if not _OK <= answer.status < _REDIRECT:
                    text = await answer.content.read(_MOST_READ)
                    told = answer.headers.get("Retry-After", "")
                    raise _refusal(answer.status, _shown(text, _parts(post)), wait_s(told, now_s))
    except (TimeoutError, aiohttp.ClientError, OSError, ValueError) as error:
        raise Undelivered(f"{host} {_trouble(error)}") from error


def _refusal(status: int, text: str, retry_after: float | None) -> Undelivered:
    if _REDIRECT <= status < _REFUSED:
        msg = f"It answered {status}, a redirect, which is not followed: enter the address it leads to."
        return Undelivered(msg, permanent=True)
    is_permanent = status in _NEVER or (status < _BROKEN and status not in _MAY_PASS)
    return Undelivered(f"It answered {status}{text}.", permanent=is_permanent, retry_after=retry_after)


def _parts(post: Post) -> set[str]:
    """All that an answer may repeat of the secrets: receivers quote the path that they don't know, or a header without its first word."""
    url = urlsplit(post.url)
    found = {*post.secrets, url.path, f"{url.path}?{url.query}", url.query, unquote(url.path), unquote(url.query)}
    found.update(value for _, value in parse_qsl(url.query))
    for told in tuple(found - {post.url}):
        found.update(_BORDERS.split(told))
    return {one for one in found if len(one) >= _SHORTEST_SECRET} | set(post.secrets)


def _shown(body: bytes, secrets: Iterable[str]) -> str:
    text = body.decode("utf-8", "replace")
    for secret in sorted((one for one in secrets if one), key=len, reverse=True):
        text = text.replace(secret, "***")
    text = " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())
    return f": {text[:_MOST_SHOWN].rstrip('.')}" if text else ""


def _trouble(error: BaseException) -> str:
    import aiohttp  # noqa: PLC0415

    kinds: Sequence[tuple[type[BaseException] | tuple[type[BaseException], ...], str]] = (
        (TimeoutError, f"did not answer within {TIMEOUT_S:g} s."),
        (
            (aiohttp.ClientConnectorCertificateError, aiohttp.ClientConnectorSSLError),
            "could not be reached: TLS failed, or its certificate is not to be trusted.",
        ),
        ((aiohttp.ClientConnectorError, socket.gaierror), "could not be reached: the connection failed."),
        ((aiohttp.ServerDisconnectedError, aiohttp.ClientPayloadError, OSError), "went away before it answered."),
    )
    for kind, sentence in kinds:
        if isinstance(error, kind):
            return sentence
    return f"answered with what is no HTTP ({type(error).__name__})."
