"""Where connections lead to in; connections that can be asked out: those that are kept, and new ones."""

import asyncio
import socket
import ssl
from collections.abc import Callable

import aiohappyeyeballs

from farthing.gateway.refusals import UpstreamError
from farthing.gateway.upstream.connection import Connection
from farthing.gateway.upstream.finding import Addresses
from farthing.gateway.upstream.wire import Origin

KEPT_S = 75.0
"""How long a connection that nobody uses stays open."""
MOST_KEPT = 512
"""Of one origin. Any number may be in use: nobody waits for another's call."""

_SWEPT_EVERY_S = 15.0
_READ_BY_NOW_S = 1.0
_CLOSED_WITHIN_S = 5.0
_NEXT_ADDRESS_AFTER_S = 0.25
"""Of the several that a name may have, the next is tried when one does not answer for so long."""

_ALIVE = (("TCP_KEEPIDLE", 60), ("TCP_KEEPINTVL", 20), ("TCP_KEEPCNT", 3))
"""What a model thinks about for minutes is not forgotten by whoever passes packets on; and who is gone is noticed."""

_FAILURES: tuple[tuple[type[Exception], str], ...] = (
    (TimeoutError, "could not be reached in time."),
    (ssl.SSLError, "could not be reached: TLS failed, or its certificate is not to be trusted."),
    (socket.gaierror, "could not be reached: the DNS doesn't know its address."),
    (OSError, "could not be reached: the connection failed."),
    (ValueError, "could not be reached: its name is none."),
)


class Pool:
    """All connections to providers. It belongs to the event loop."""

    def __init__(
        self, trust: Callable[[], ssl.SSLContext] = ssl.create_default_context, kept_s: float = KEPT_S
    ) -> None:
        """`trust` is asked once, for whose certificates are to be trusted."""
        self._trust = trust
        self._kept_s = kept_s
        self._tls: ssl.SSLContext | None = None
        self._addresses = Addresses()
        self._idle: dict[Origin, list[Connection]] = {}
        self._open: set[Connection] = set()
        self._sweeping: asyncio.TimerHandle | None = None
        self._is_closing = False

    def ready(self, origin: Origin) -> Connection | None:
        """One that was in use a moment ago."""
        idle = self._idle.get(origin)
        if idle and idle[-1].is_usable and idle[-1].loop.time() - idle[-1].idle_since <= _READ_BY_NOW_S:
            return idle.pop()
        return None

    async def kept(self, origin: Origin) -> Connection | None:
        """One that is open and idle."""
        idle = self._idle.get(origin)
        while idle:
            found = idle.pop()  # that which was used last: the others may be closed
            if found.is_usable and found.loop.time() - found.idle_since > _READ_BY_NOW_S:
                await _read_what_came(found)
            if found.is_usable:
                return found
        return None

    async def connected(self, origin: Origin, within_s: float | None) -> Connection:
        """A new one. Raises `UpstreamError`."""
        try:
            async with asyncio.timeout(within_s):
                return await self._connect(origin)
        except (OSError, ValueError) as error:
            told = next(told for kind, told in _FAILURES if isinstance(error, kind))
            msg = f"The provider {told}"
            raise UpstreamError(msg) from error

    async def close(self) -> None:
        """Close all."""
        self._is_closing = True
        if self._sweeping is not None:
            self._sweeping.cancel()
        self._addresses.close()
        lost = [one.lost for one in self._open]
        for one in list(self._open):
            one.close()
        if lost:
            await asyncio.wait(lost, timeout=_CLOSED_WITHIN_S)

    async def _connect(self, origin: Origin) -> Connection:
        loop = asyncio.get_running_loop()
        if origin.is_tls and self._tls is None:
            tls = await asyncio.to_thread(self._trust)
            tls.set_alpn_protocols(["http/1.1"])
            self._tls = tls
        found = await self._addresses.of(origin.host, origin.port)
        made = await aiohappyeyeballs.start_connection(
            found, happy_eyeballs_delay=_NEXT_ADDRESS_AFTER_S, interleave=1, loop=loop
        )
        try:
            made.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
            for name, value in _ALIVE:
                if (option := getattr(socket, name, None)) is not None:
                    made.setsockopt(socket.IPPROTO_TCP, option, value)
            _, connection = await loop.create_connection(
                lambda: Connection(origin, loop, self.free),
                sock=made,
                ssl=self._tls if origin.is_tls else None,
                server_hostname=origin.host if origin.is_tls else None,
            )
        except BaseException:
            made.close()
            raise
        if self._is_closing:
            connection.close()
        self._open.add(connection)
        connection.lost.add_done_callback(lambda _: self._open.discard(connection))
        return connection

    def free(self, connection: Connection) -> None:
        """It may be asked again."""
        if self._is_closing:
            connection.close()
            return
        loop = connection.loop  # to ask which one is running takes a system call
        connection.idle_since = loop.time()
        idle = self._idle.setdefault(connection.origin, [])
        idle.append(connection)
        if len(idle) > MOST_KEPT:
            idle.pop(0).close()
        if self._sweeping is None:
            self._sweeping = loop.call_later(min(_SWEPT_EVERY_S, self._kept_s), self._sweep)

    def _sweep(self) -> None:
        """Close what nobody has used for long."""
        loop = asyncio.get_running_loop()
        since = loop.time() - self._kept_s
        for origin, idle in list(self._idle.items()):
            for one in idle:
                if one.idle_since <= since:
                    one.close()
            idle[:] = [one for one in idle if one.is_usable]
            if not idle:
                del self._idle[origin]
        self._sweeping = loop.call_later(min(_SWEPT_EVERY_S, self._kept_s), self._sweep) if self._idle else None


async def _read_what_came(connection: Connection) -> None:
    """Let the loop read: that the provider has closed it long ago may not have been noticed yet, if the loop was busy."""
    try:
        # The first turn hears of it, the second is told.
        await asyncio.sleep(0)
        await asyncio.sleep(0)
    except BaseException:
        connection.close()
        raise
