"""An HTTP request in, its body decompressed out: bounded while it is read and bounded while it grows."""

import asyncio
import sys
import zlib
from collections.abc import Callable
from typing import Protocol

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd
from starlette.types import Receive

from farthing.errors import BadRequestError, BusyError, TooLargeError, UnsupportedError

_ZSTD: dict[int, int] = {zstd.DecompressionParameter.window_log_max: 27}
"""The largest window (128 MiB, level 22) that is worth its memory."""


class _Unpacker(Protocol):
    @property
    def eof(self) -> bool: ...

    @property
    def unused_data(self) -> bytes: ...

    def decompress(self, data: bytes, max_length: int, /) -> bytes: ...


class Limits:
    """How large one body may be, and how many bytes all bodies together may hold in memory."""

    def __init__(self, body_bytes: int, all_bytes: int | None = None) -> None:
        """`body_bytes` bounds a body both as sent and decompressed."""
        self.body_bytes = body_bytes
        self._all_bytes = all_bytes or 6 * body_bytes
        self.held = 0
        """Bytes of bodies in memory now."""

    def read(self, receive: Receive) -> "Reading":
        """The body as sent, accounted for until the block ends.

        Raises `TooLargeError`, `BusyError` when other bodies fill the memory, `BadRequestError` when the
        client went away in the middle.
        """
        return Reading(self, receive)

    def hold(self, more: int, size: int) -> None:
        """Account for `more` bytes of a body that has `size` with them, until they are released.

        Raises `TooLargeError`, or `BusyError` when other bodies fill the memory; they are accounted for all the same.
        """
        self.held += more
        if size > self.body_bytes:
            raise TooLargeError(self._too_large("as sent"))
        if self.held > self._all_bytes:
            msg = "Too many bodies are being received at once. Send the same again in a moment."
            raise BusyError(msg)

    def release(self, size: int) -> None:
        """These bytes are held no longer."""
        self.held -= size

    def decompress(self, body: bytes, encoding: str) -> bytes:
        """The plain body. Raises `UnsupportedError`, `TooLargeError` or `BadRequestError`."""
        name = encoding.strip().lower()
        try:
            if name in ("", "identity"):
                return body
            if name in ("gzip", "x-gzip"):
                return self._unpack(body, lambda: zlib.decompressobj(31))
            if name == "deflate":
                # The standard means zlib's envelope; some clients send the bare stream.
                bare = len(body) < 2 or body[0] & 0x0F != 8 or int.from_bytes(body[:2], "big") % 31
                return self._unpack(body, lambda: zlib.decompressobj(-15 if bare else 15))
            if name == "zstd":
                return self._unpack(body, lambda: zstd.ZstdDecompressor(options=_ZSTD))
        except (zlib.error, zstd.ZstdError, EOFError) as error:
            msg = f"The body is not valid {name}: {error}"
            raise BadRequestError(msg) from error
        msg = f"Content-Encoding {encoding[:60]!r} is not read here; use gzip, deflate, zstd or none."
        raise UnsupportedError(msg)

    def _unpack(self, body: bytes, new: Callable[[], "_Unpacker"]) -> bytes:
        """Unpack one stream after the other, never more than fits."""
        parts: list[bytes] = []
        room = self.body_bytes + 1
        rest = body
        while rest and room > 0:
            stream = new()
            piece = stream.decompress(rest, room)
            parts.append(piece)
            room -= len(piece)
            if room > 0 and not stream.eof:
                msg = "it ends in the middle"
                raise EOFError(msg)
            rest = stream.unused_data
        return self._bounded(b"".join(parts))

    def _bounded(self, plain: bytes) -> bytes:
        if len(plain) > self.body_bytes:
            raise TooLargeError(self._too_large("decompressed"))
        return plain

    def _too_large(self, how: str) -> str:
        return (
            f"The body is larger than {self.body_bytes // (1 << 20)} MiB {how}. Send smaller batches, "
            "or raise FARTHING_MAX_BODY_MB."
        )


class Reading:
    """A body while it is read and worked on. What `contextlib` would make of a generator takes three times as long."""

    __slots__ = ("_limits", "_receive", "_size")

    def __init__(self, limits: Limits, receive: Receive) -> None:
        """Nothing happens before it is entered."""
        self._limits = limits
        self._receive = receive
        self._size = 0

    async def __aenter__(self) -> bytes:
        """All of it, as sent."""
        chunks: list[bytes] = []
        more = True
        try:
            while more:
                chunk, more = await _received(self._receive)
                self._size += len(chunk)
                self._limits.hold(len(chunk), self._size)
                chunks.append(chunk)
        except BaseException:
            self._limits.release(self._size)
            raise
        return chunks[0] if len(chunks) == 1 else b"".join(chunks)

    async def __aexit__(self, *_: object) -> None:
        """It is in memory no longer."""
        self._limits.release(self._size)


async def _received(receive: Receive) -> tuple[bytes, bool]:
    """The next piece of a body, and whether there are more."""
    try:
        message = await receive()
    except asyncio.CancelledError as error:
        # The server stops and waits for this body no longer; nothing of it was kept.
        msg = "The server is stopping. Send the same again in a moment."
        raise BusyError(msg) from error
    if message["type"] == "http.disconnect":
        msg = "The client went away before its body was complete."
        raise BadRequestError(msg)
    return message.get("body", b""), message.get("more_body", False)
