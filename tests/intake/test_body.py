"""Compressed bodies: every encoding, and bombs stopped before they go off."""

import gzip
import sys
import zlib

import pytest

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

from farthing.errors import BadRequestError, TooLargeError, UnsupportedError
from farthing.intake.body import Limits

MIB = 1 << 20
PLAIN = b"farthing" * 1000
LIMITS = Limits(MIB)


def bare_deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(data) + packer.flush()


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("", PLAIN),
        ("identity", PLAIN),
        ("gzip", gzip.compress(PLAIN, mtime=0)),
        ("GZIP", gzip.compress(PLAIN[:100], mtime=0) + gzip.compress(PLAIN[100:], mtime=0)),
        ("deflate", zlib.compress(PLAIN)),
        ("deflate", bare_deflate(PLAIN)),
        ("zstd", zstd.compress(PLAIN)),
        ("zstd", zstd.compress(PLAIN[:9]) + zstd.compress(PLAIN[9:])),
    ],
)
def test_encodings(encoding: str, body: bytes) -> None:
    assert LIMITS.decompress(body, encoding) == PLAIN


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("gzip", gzip.compress(bytes(200 * MIB), 1, mtime=0)),
        ("deflate", zlib.compress(bytes(200 * MIB), 1)),
        ("zstd", zstd.compress(bytes(200 * MIB))),
        ("zstd", b"".join(zstd.compress(bytes(MIB // 2)) for _ in range(10))),
        ("gzip", b"".join(gzip.compress(bytes(MIB // 2), mtime=0) for _ in range(10))),
    ],
)
def test_a_bomb_is_stopped(encoding: str, body: bytes) -> None:
    with pytest.raises(TooLargeError, match="larger than 1 MiB decompressed"):
        LIMITS.decompress(body, encoding)


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "zstd"])
@pytest.mark.parametrize(
    "body", [b"no such thing", b"\x1f\x8b", gzip.compress(PLAIN, mtime=0)[:-9], zstd.compress(bytes(range(256)))[:-9]]
)
def test_a_broken_body_is_refused(encoding: str, body: bytes) -> None:
    with pytest.raises(BadRequestError):
        LIMITS.decompress(body, encoding)


def test_an_unknown_encoding_is_named() -> None:
    with pytest.raises(UnsupportedError, match="'br' is not read here"):
        LIMITS.decompress(b"", "br")
