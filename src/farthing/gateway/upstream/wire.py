"""An address, headers and the length of a body in; where to connect, and the bytes of a request's head, out. Pure."""

import base64
from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import quote, unquote, urlsplit

_PORTS = {"http": 80, "https": 443}
_PRINTABLE = "".join(map(chr, range(0x21, 0x7F)))
"""Stays as it is in a request's first line; all else would end it too early."""


class Origin(NamedTuple):
    """Where connections lead to."""

    is_tls: bool
    host: str
    port: int


class Place(NamedTuple):
    """What an address says."""

    origin: Origin
    host: str
    """As the provider is told whom we asked for."""
    target: str
    """Path and query."""
    authorization: str
    """What a name and a password in the address come to; "" for none."""


@lru_cache(maxsize=1024)
def place(address: str) -> Place:
    """Raises `ValueError` for what is no address of HTTP."""
    parts = urlsplit(address)
    host = parts.hostname
    if parts.scheme not in _PORTS or not host:
        msg = "no address of HTTP"
        raise ValueError(msg)
    if not host.isascii():
        host = host.encode("idna").decode()
    named = f"[{host}]" if ":" in host else host
    if parts.port is not None and parts.port != _PORTS[parts.scheme]:
        named += f":{parts.port}"
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    given = ""
    if parts.username is not None:
        pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
        given = f"Basic {base64.b64encode(pair.encode()).decode()}"
    origin = Origin(parts.scheme == "https", host, parts.port or _PORTS[parts.scheme])
    return Place(origin, named, quote(target, safe=_PRINTABLE), given)


def head(method: str, to: Place, headers: Mapping[str, str], framing: str) -> bytes:
    """A request up to its body, whose length `framing` tells, if it has one. Raises `ValueError` where a header would be more than one."""
    lines = [f"{method} {to.target} HTTP/1.1", f"host: {to.host}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    if to.authorization and "authorization" not in headers:
        lines.append(f"authorization: {to.authorization}")
    if framing:
        lines.append(framing)
    lines.append("\r\n")
    text = "\r\n".join(lines)
    ends = len(lines)
    if text.count("\r") != ends or text.count("\n") != ends or "\0" in text:
        msg = "a header holds the end of a line"
        raise ValueError(msg)
    # As headers came in: byte for byte.
    return text.encode("latin-1")
