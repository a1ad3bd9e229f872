"""A name in; the addresses that the HTTP client connects to, each of them looked at before, out."""

import socket

from aiohttp.abc import AbstractResolver, ResolveResult

from farthing.alerts.addresses import Addresses


class LookingUp(AbstractResolver):
    """Looks names up for one request."""

    def __init__(self, addresses: Addresses) -> None:
        """Refuses what they refuse."""
        self._addresses = addresses

    async def resolve(
        self,
        host: str,
        port: int = 0,
        family: socket.AddressFamily = socket.AF_UNSPEC,  # noqa: ARG002  all of them
    ) -> list[ResolveResult]:
        """All addresses of a name. Raises `Undelivered`."""
        found = await self._addresses.of(host, port)
        return [
            ResolveResult(
                hostname=host,
                host=address,
                port=port,
                family=socket.AF_INET6 if ":" in address else socket.AF_INET,
                proto=0,
                flags=socket.AI_NUMERICHOST,
            )
            for address in found
        ]

    async def close(self) -> None:
        """Nothing is held."""
