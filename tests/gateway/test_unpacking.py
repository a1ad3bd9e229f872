"""What a provider packed, read in pieces of any size; and what can't be read."""

import gzip
import zlib
from collections.abc import Callable

import brotli  # pyright: ignore[reportMissingTypeStubs]  it has none
import pytest

from farthing.gateway import unpacking
from farthing.gateway.unpacking import Unpacking, can_unpack, is_packed, whole

SAID = b"what a cafe costs, and who paid for it. " * 50
PACK: dict[str, Callable[[bytes], bytes]] = {"gzip": gzip.compress, "deflate": zlib.compress, "br": brotli.compress}


@pytest.mark.parametrize("size", [1, 7, 10_000])
@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br"])
def test_pieces_of_any_size(encoding: str, size: int) -> None:
    packed = PACK[encoding](SAID)
    unpacked = Unpacking(encoding)
    assert b"".join(unpacked.feed(packed[at : at + size]) for at in range(0, len(packed), size)) == SAID


def test_one_after_the_other_is_both() -> None:
    assert whole(gzip.compress(SAID) + gzip.compress(SAID), "gzip") == SAID * 2


@pytest.mark.parametrize("encoding", ["gzip", "zstd", "br"])
def test_nonsense_is_not_read(encoding: str) -> None:
    unpacked = Unpacking(encoding)
    assert unpacked.feed(b"nonsense") == b""
    assert unpacked.feed(gzip.compress(SAID)) == b""


@pytest.mark.parametrize("encoding", ["gzip", "br"])
def test_it_is_unpacked_so_far_and_no_further(encoding: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unpacking, "MOST", 1_000)
    unpacked = Unpacking(encoding)
    assert unpacked.feed(PACK[encoding](SAID)) == SAID[:1_000]
    assert unpacked.feed(PACK[encoding](SAID)) == b""


def test_what_can_be_read() -> None:
    assert [is_packed(one) for one in ("", "identity", "gzip", "br")] == [False, False, True, True]
    assert [can_unpack(one) for one in ("", "identity", "gzip", "zstd", "br", "lzma")] == [True] * 5 + [False]
    assert whole(SAID, "identity") is SAID
    assert whole(SAID, "lzma") == b""
