"""A request to a provider in; its answer, whose body is still to come, out. The one pool of connections."""

import logging
from collections.abc import AsyncIterator
from functools import lru_cache

import aiohttp
from yarl import URL

from farthing.gateway.circuit import Circuits
from farthing.gateway.refusals import UpstreamCutError, UpstreamError, UpstreamTimeoutError
from farthing.routing.plan import Timeouts

log = logging.getLogger(__name__)

_PIECE = 256 << 10
"""How much of a body is handed to the socket at once: a larger one in one go would hold up all other calls, of which the client library warns."""

KEEP_SECONDS = 75.0
"""How long a connection that nobody uses stays open."""

_NOT_BY_ITSELF = ("User-Agent", "Accept", "Accept-Encoding", "Content-Type")
_LONGEST_HEADER = 64 << 10
_HERE = frozenset(
    {
        b"connection",
        b"date",
        b"keep-alive",
        b"proxy-authenticate",
        b"set-cookie",
        b"te",
        b"trailer",
        b"transfer-encoding",
        b"upgrade",
    }
)
"""Headers of this one connection, and cookies, which would be set on this server's name."""

Answer = aiohttp.ClientResponse
Body = bytes | AsyncIterator[bytes] | None


class Upstream:
    """Its state belongs to the event loop."""

    def __init__(self) -> None:
        """Connections are made when they are needed."""
        self._session: aiohttp.ClientSession | None = None
        self.without_usage: set[tuple[str, str]] = set()
        """Accounts and models that refuse to be asked for a stream's usage."""
        self.circuits = Circuits()

    async def close(self) -> None:
        """Close what is open."""
        if self._session is not None:
            await self._session.close()

    async def ask(self, method: str, address: str, headers: dict[str, str], body: Body, timeouts: Timeouts) -> Answer:
        """The answer once its headers are there. Raises `UpstreamError`."""
        session = self._session or self._open()
        if isinstance(body, bytes) and len(body) > _PIECE:
            headers = {**headers, "content-length": str(len(body))}
            body = _in_pieces(body)
        try:
            return await session.request(
                method,
                _url(address),
                headers=headers,
                data=body,
                allow_redirects=False,
                timeout=_timeout(timeouts),
            )
        except (TimeoutError, aiohttp.ClientError, OSError, ValueError) as error:
            raise failure(error) from error

    def _open(self) -> aiohttp.ClientSession:
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=KEEP_SECONDS, ttl_dns_cache=60),
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            skip_auto_headers=_NOT_BY_ITSELF,
            max_field_size=_LONGEST_HEADER,
            max_line_size=_LONGEST_HEADER,
        )
        return self._session


_FAILURES: tuple[tuple[tuple[type[BaseException], ...], type[UpstreamError], str], ...] = (
    ((aiohttp.ConnectionTimeoutError,), UpstreamError, "could not be reached in time."),
    ((TimeoutError,), UpstreamTimeoutError, "did not answer in time."),
    (
        (aiohttp.ClientConnectorCertificateError, aiohttp.ClientConnectorSSLError),
        UpstreamError,
        "could not be reached: TLS failed, or its certificate is not to be trusted.",
    ),
    ((aiohttp.ClientConnectorDNSError,), UpstreamError, "could not be reached: the DNS doesn't know its address."),
    ((aiohttp.ClientConnectorError,), UpstreamError, "could not be reached: the connection failed."),
    (
        (aiohttp.ClientPayloadError, aiohttp.ServerDisconnectedError, ConnectionError),
        UpstreamCutError,
        "went away in the middle of its answer.",
    ),
    ((aiohttp.InvalidURL, ValueError), UpstreamError, "has an address, or is to be sent a header, that is none."),
)


def failure(error: BaseException) -> UpstreamError:
    """What happened on the way, told without addresses or secrets."""
    for kinds, told, sentence in _FAILURES:
        if isinstance(error, kinds):
            return told(f"The provider {sentence}")
    return UpstreamCutError(f"The provider's answer is no HTTP ({type(error).__name__}).")


def headers_of(answer: Answer, *, changed: bool) -> list[tuple[bytes, bytes]]:
    """What the client is to see of them; `changed` says that the body has another length."""
    return [
        (lower, value)
        for name, value in answer.raw_headers
        if (lower := name.lower()) not in _HERE and not (changed and lower == b"content-length")
    ]


async def _in_pieces(body: bytes) -> AsyncIterator[bytes]:
    for at in range(0, len(body), _PIECE):
        yield body[at : at + _PIECE]


@lru_cache(maxsize=1024)
def _url(address: str) -> URL:
    return URL(address, encoded=True)


@lru_cache(maxsize=256)
def _timeout(timeouts: Timeouts) -> aiohttp.ClientTimeout:
    # Nothing for so long, at the beginning or later, is a provider that has gone away.
    return aiohttp.ClientTimeout(
        total=timeouts.total_s or None,
        sock_connect=timeouts.connect_s or None,
        sock_read=timeouts.first_byte_s or None,
    )
