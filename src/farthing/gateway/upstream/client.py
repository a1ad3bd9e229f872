"""A request to a provider in; its answer, whose body is still to come, out."""

import asyncio
import math
import ssl
from collections.abc import AsyncIterator, Callable

from farthing.gateway.circuit import Circuits
from farthing.gateway.later import Later
from farthing.gateway.refusals import UpstreamCutError, UpstreamError
from farthing.gateway.upstream import wire
from farthing.gateway.upstream.answer import Answer
from farthing.gateway.upstream.connection import Connection, Sent
from farthing.gateway.upstream.pool import Pool
from farthing.routing.plan import Timeouts

_PIECE = 256 << 10
"""How much of a body is handed to the socket at once: a larger one in one go would hold up all other calls."""

_REPEATABLE = frozenset({"GET", "HEAD", "OPTIONS", "PUT", "DELETE"})
"""What changes nothing when it comes twice. A call of a model that came twice would be paid for twice."""
_WITHOUT_BODY = frozenset({"GET", "HEAD", "DELETE", "OPTIONS"})

WATCH_AFTER_S = 0.1
"""How long a call is under way before it is looked whether its client is still there."""

Body = bytes | AsyncIterator[bytes] | None


class Upstream:
    """Its state belongs to the event loop."""

    def __init__(self, trust: Callable[[], ssl.SSLContext] = ssl.create_default_context) -> None:
        """Connections are made when they are needed; `trust` says whose certificates are good."""
        self._pool = Pool(trust)
        self.without_usage: set[tuple[str, str]] = set()
        """Accounts and models that refuse to be asked for a stream's usage."""
        self.circuits = Circuits()
        self._loop: asyncio.AbstractEventLoop | None = None
        self.later = Later(WATCH_AFTER_S)
        """Looks after calls that are under way for long."""

    @property
    def loop(self) -> asyncio.AbstractEventLoop:
        """That which runs. It is remembered, for to ask takes a system call."""
        if self._loop is None or self._loop.is_closed():
            self._loop = asyncio.get_running_loop()
        return self._loop

    async def close(self) -> None:
        """Close what is open."""
        await self._pool.close()

    async def ask(
        self,
        method: str,
        address: str,
        headers: dict[str, str],
        body: Body,
        timeouts: Timeouts,
        length: int | None = None,
    ) -> Answer:
        """The answer once its head is there, to be closed by whoever asked. Raises `UpstreamError`.

        `length`: bytes of a body that comes in pieces, where that is known before; else it goes out in chunks.
        """
        now = self.loop.time()
        try:
            to = wire.place(address)
            sent = _sent(method, to, headers, body, timeouts, length, now)
        except ValueError as error:
            msg = "The provider has an address, or is to be sent a header, that is none."
            raise UpstreamError(msg) from error
        connection = self._pool.ready(to.origin) or await self._pool.kept(to.origin)
        if connection is not None:
            try:
                return await _begun(connection, sent)
            except UpstreamCutError:
                # Closed by the provider while we asked, most likely.
                if not connection.is_silent or method not in _REPEATABLE or sent.pieces is not None:
                    raise
        within_s = min(timeouts.connect_s or math.inf, sent.ends_at - now)
        connection = await self._pool.connected(to.origin, within_s if within_s < math.inf else None)
        return await _begun(connection, sent)


async def _begun(connection: Connection, sent: Sent) -> Answer:
    answer = connection.ask(sent)
    try:
        await answer.begun()
    except BaseException:
        answer.close()
        raise
    return answer


def _sent(  # noqa: PLR0913  as above
    method: str,
    to: wire.Place,
    headers: dict[str, str],
    body: Body,
    timeouts: Timeouts,
    length: int | None,
    now: float,
) -> Sent:
    pieces: AsyncIterator[bytes] | None = None
    if body is None:
        first = wire.head(method, to, headers, "" if method in _WITHOUT_BODY else "content-length: 0")
    elif not isinstance(body, bytes):
        framing = "transfer-encoding: chunked" if length is None else f"content-length: {length}"
        first, pieces = wire.head(method, to, headers, framing), _chunked(body) if length is None else body
    else:
        first = wire.head(method, to, headers, f"content-length: {len(body)}")
        if len(body) > _PIECE:
            pieces = _in_pieces(body)
        else:
            first += body
    return Sent(
        first,
        pieces,
        is_head_only=method == "HEAD",
        ends_at=now + (timeouts.total_s or math.inf),
        quiet_s=timeouts.first_byte_s or math.inf,
    )


async def _in_pieces(body: bytes) -> AsyncIterator[bytes]:
    for at in range(0, len(body), _PIECE):
        yield body[at : at + _PIECE]


async def _chunked(body: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    async for piece in body:
        if piece:
            yield b"%x\r\n%b\r\n" % (len(piece), piece)
    yield b"0\r\n\r\n"
