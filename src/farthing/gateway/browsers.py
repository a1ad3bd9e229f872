"""Headers of a request from a page elsewhere in; what its browser wants to be told before it hands the answer on, out. Pure.

Only a key lets anybody in here, never a cookie, so a page that knows one may ask from wherever it is.
"""

from collections.abc import Iterable

from starlette.types import Message

from farthing.gateway.refusals import Headers

ORIGIN = b"origin"
ANSWERS: Headers = [(b"access-control-allow-origin", b"*"), (b"access-control-expose-headers", b"*")]

_METHOD = b"access-control-request-method"
_HEADERS = b"access-control-request-headers"
_REMEMBERED_S = b"86400"


def is_asking(headers: Iterable[tuple[bytes, bytes]]) -> bool:
    """Whether a page elsewhere asks; pages of our own do so too, and don't mind."""
    return any(name == ORIGIN for name, _ in headers)


def wants(headers: Iterable[tuple[bytes, bytes]]) -> str:
    """The method that a browser asks leave for; "" where it doesn't."""
    told = dict(headers)
    return told.get(_METHOD, b"").decode("latin-1") if ORIGIN in told else ""


def leave(headers: Iterable[tuple[bytes, bytes]]) -> tuple[Message, Message]:
    """It may: the key comes with the request itself."""
    told = dict(headers)
    answer = [
        ANSWERS[0],
        (b"access-control-allow-methods", told[_METHOD]),
        (b"access-control-max-age", _REMEMBERED_S),
        (b"vary", _HEADERS),
    ]
    if named := told.get(_HEADERS):
        # Each by name: `*` would not mean `Authorization`.
        answer.append((b"access-control-allow-headers", named))
    return (
        {"type": "http.response.start", "status": 204, "headers": answer},
        {"type": "http.response.body", "body": b""},
    )
