"""What a connection reads of a provider's answer in; its head at once, and its body as whoever asked takes it, out."""

import asyncio
import re
from functools import lru_cache
from typing import Protocol

from farthing.gateway.refusals import Headers, UpstreamError

MOST_HELD = 256 << 10
"""Of a body that came and was not taken yet. The provider then has to wait."""

_HERE = frozenset(
    {
        b"access-control-allow-credentials",
        b"access-control-allow-origin",
        b"access-control-expose-headers",
        b"alt-svc",
        b"clear-site-data",
        b"connection",
        b"date",
        b"keep-alive",
        b"nel",
        b"proxy-authenticate",
        b"report-to",
        b"set-cookie",
        b"strict-transport-security",
        b"te",
        b"traceparent",
        b"trailer",
        b"transfer-encoding",
        b"upgrade",
    }
)
"""Headers of this one connection, and what would be taken as said of this server's name: cookies, other ways to it, its TLS, what pages may."""
_OURS = (b"x-farthing-", b"x-llmops-")
"""What we tell ourselves, once: a provider may be a gateway too."""

_BODILESS = (204, 304)

_CONTROL = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]")
"""What no server may send in a header, though some providers do."""


class Source(Protocol):
    """The connection it comes by."""

    def wanted(self) -> None:
        """Whoever asked waits for more."""
        ...

    def taken(self) -> None:
        """There is room again."""
        ...

    def drop(self, answer: "Answer") -> None:
        """Nobody wants the rest."""
        ...


class Answer:
    """One answer. It belongs to the event loop."""

    __slots__ = (
        "_held",
        "_loop",
        "_parts",
        "_source",
        "_waiting",
        "failure",
        "headers",
        "is_begun",
        "is_whole",
        "status",
    )

    def __init__(self, source: Source, loop: asyncio.AbstractEventLoop) -> None:
        """Nothing of it has come yet."""
        self.status = 0
        self.headers: Headers = []
        """What a client may see of them, names in lower case."""
        self.is_begun = False
        """Whether its head is there."""
        self.is_whole = False
        """Whether all of it came."""
        self.failure: UpstreamError | None = None
        """Why nothing more comes."""
        self._source = source
        self._loop = loop
        self._parts: list[bytes] = []
        self._held = 0
        self._waiting: asyncio.Future[None] | None = None

    async def begun(self) -> None:
        """Wait for its head. Raises `UpstreamError`."""
        while not self.is_begun:
            if self.failure is not None:
                raise self.failure
            await self._more()

    async def read(self) -> bytes:
        """What came since the last time, at least something; b"" when that was all. Raises `UpstreamError`."""
        while not self._parts:
            if self.is_whole:
                return b""
            if self.failure is not None:
                raise self.failure
            await self._more()
        parts = self._parts
        came = parts[0] if len(parts) == 1 else b"".join(parts)
        parts.clear()
        if self._held > MOST_HELD:
            self._source.taken()
        self._held = 0
        return came

    def header(self, name: bytes) -> str:
        """A header's value, its name in lower case; "" where it was not told."""
        for told, value in self.headers:
            if told == name:
                return value.decode("latin-1").strip()
        return ""

    def close(self) -> None:
        """No more of it is read: a connection with an answer's rest can be used for nothing else."""
        if not self.is_whole:
            self._source.drop(self)

    # Of its connection.

    def told(self, status: int, headers: Headers) -> None:
        """Its head, headers as they came."""
        self.status = status
        self.headers = [
            (lower, value) for name, value in headers if (lower := _shown(name)) and not _CONTROL.search(value)
        ]
        if status in _BODILESS:  # a length that is told all the same would be waited for
            self.headers = [one for one in self.headers if one[0] != b"content-length"]
        self.is_begun = True

    def came(self, data: bytes) -> bool:
        """A piece of its body; whether the provider may go on."""
        self._parts.append(data)
        self._held += len(data)
        return self._held <= MOST_HELD

    def wake(self) -> None:
        """Something is new."""
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(None)

    async def _more(self) -> None:
        self._waiting = self._loop.create_future()
        self._source.wanted()
        try:
            await self._waiting
        finally:
            self._waiting = None

    @property
    def is_wanted(self) -> bool:
        """Whether somebody waits for it."""
        return self._waiting is not None


@lru_cache(maxsize=1024)
def _shown(name: bytes) -> bytes:
    """In lower case; b"" for what stays here."""
    lower = name.lower()
    return b"" if lower in _HERE or lower.startswith(_OURS) else lower
