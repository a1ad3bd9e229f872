"""A host's name in; the addresses it has, remembered for a minute, out."""

import asyncio
import socket
from collections.abc import Sequence

KEPT_S = 60.0
MOST = 256

Info = tuple[
    socket.AddressFamily, socket.SocketKind, int, str, tuple[str, int] | tuple[str, int, int, int] | tuple[int, bytes]
]


class Addresses:
    """Those that were looked up lately. It belongs to the event loop."""

    def __init__(self) -> None:
        """Nothing has been looked up."""
        self._looking: dict[tuple[str, int], tuple[float, asyncio.Task[Sequence[Info]]]] = {}

    async def of(self, host: str, port: int) -> Sequence[Info]:
        """Raises `OSError` where nobody knows it."""
        loop = asyncio.get_running_loop()
        at, looking = self._looking.get((host, port), (0.0, None))
        failed = looking is not None and looking.done() and (looking.cancelled() or looking.exception() is not None)
        if looking is None or failed or loop.time() - at > KEPT_S:
            looking = loop.create_task(_look_up(host, port))
            self._looking[host, port] = (loop.time(), looking)
            if len(self._looking) > MOST:
                del self._looking[next(iter(self._looking))]
        # Who goes away meanwhile leaves the others waiting for the same.
        return await asyncio.shield(looking)

    def close(self) -> None:
        """Nobody asks any more."""
        for _, looking in self._looking.values():
            looking.cancel()
        self._looking.clear()


async def _look_up(host: str, port: int) -> Sequence[Info]:
    return await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
