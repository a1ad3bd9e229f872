"""A provider's packed answer in, as it passes; the same as it is to be read, bounded, out. What the client gets stays packed.

Providers are asked for gzip at most, and for streams as they are; some pack all the same.
"""

import sys
import zlib
from collections.abc import Callable, Mapping
from typing import Any, Protocol, cast

import brotli  # pyright: ignore[reportMissingTypeStubs]  it has none

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

MOST = 64 << 20
"""Bytes an answer is unpacked to; the rest is not read."""

_BROTLI_ERROR = cast("type[Exception]", cast("Any", brotli).error)
_ZSTD: dict[int, int] = {zstd.DecompressionParameter.window_log_max: 27}


class _Unpacker(Protocol):
    @property
    def eof(self) -> bool: ...

    @property
    def unused_data(self) -> bytes: ...

    def decompress(self, data: bytes, max_length: int, /) -> bytes: ...


def _zlib() -> _Unpacker:
    return zlib.decompressobj(47)  # whichever of gzip and deflate it is


class _Brotli:
    unused_data = b""
    """Two of them are never one."""

    def __init__(self) -> None:
        self._of: Any = cast("Any", brotli).Decompressor()

    @property
    def eof(self) -> bool:
        return self._of.is_finished()

    def decompress(self, data: bytes, max_length: int, /) -> bytes:
        # It stops only once it has more.
        return self._of.process(data, output_buffer_limit=max_length)[:max_length]


_NEW: Mapping[str, Callable[[], _Unpacker]] = {
    "gzip": _zlib,
    "x-gzip": _zlib,
    "deflate": _zlib,
    "br": _Brotli,
    "zstd": lambda: zstd.ZstdDecompressor(options=_ZSTD),
}


class Unpacking:
    """One answer, piece by piece."""

    def __init__(self, encoding: str) -> None:
        """`encoding` can be unpacked."""
        self._new = _NEW[encoding]
        self._unpacker = self._new()
        self._room = MOST
        self.is_whole = False
        """Whether all that came could be read, to its end."""

    def feed(self, packed: bytes) -> bytes:
        """What can be read by now; nothing any more once it makes no sense, or is too large."""
        parts: list[bytes] = []
        try:
            while packed and self._room > 0:
                self.is_whole = False
                parts.append(self._unpacker.decompress(packed, self._room))
                self._room -= len(parts[-1])
                packed = b""
                if self._unpacker.eof:
                    # Another one may follow, as if both were one.
                    packed, self._unpacker = self._unpacker.unused_data, self._new()
                    self.is_whole = True
        except (zlib.error, zstd.ZstdError, _BROTLI_ERROR, EOFError):
            self._room = 0
        return b"".join(parts)


def is_packed(encoding: str) -> bool:
    """Whether it can't be read as it comes."""
    return encoding not in ("", "identity")


def can_unpack(encoding: str) -> bool:
    """Whether it can be read here."""
    return not is_packed(encoding) or encoding in _NEW


def whole(body: bytes, encoding: str) -> bytes:
    """An answer in one piece, to be read; b"" where it can't be."""
    if not body or not is_packed(encoding):
        return body
    return Unpacking(encoding).feed(body) if can_unpack(encoding) else b""


def wholly(body: bytes, encoding: str) -> bytes | None:
    """The same; None unless all of it can be read, to its end."""
    if not body or not is_packed(encoding):
        return body
    if not can_unpack(encoding):
        return None
    unpacking = Unpacking(encoding)
    plain = unpacking.feed(body)
    return plain if unpacking.is_whole else None
