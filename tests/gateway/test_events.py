"""A stream of events cut anywhere: the same events, and every byte they came with."""

import pytest

from farthing.gateway import events
from farthing.gateway.events import Events

STREAM = (
    ': comment\n\nevent: a\ndata: {"text": "café ☕"}\n\ndata: one\r\ndata: two\r\n\r\n'
    "data:no space\n\nevent: ping\n\ndata: [DONE]\n\n"
).encode()


def cut(stream: bytes, size: int) -> tuple[list[bytes], bytes]:
    reader = Events()
    found = [event for at in range(0, len(stream), size) for event in reader.feed(stream[at : at + size])]
    return found, reader.rest()


@pytest.mark.parametrize("size", range(1, len(STREAM) + 1))
def test_however_it_is_cut(size: int) -> None:
    found, rest = cut(STREAM, size)
    assert b"".join(found) + rest == STREAM
    assert rest == b""
    assert [events.data(event) for event in found] == [
        b"", '{"text": "café ☕"}'.encode(), b"one\ntwo", b"no space", b"", b"[DONE]",
    ]  # fmt: skip


def test_what_is_not_whole_is_held() -> None:
    reader = Events()
    assert reader.feed(b"data: 1\n\ndata: 2\n") == [b"data: 1\n\n"]
    assert reader.feed(b"\nda") == [b"data: 2\n\n"]
    assert reader.rest() == b"da"
    assert reader.rest() == b""


def test_carriage_returns_alone_end_lines_too() -> None:
    found, rest = cut(b"data: 1\r\rdata: 2\r\rx", 3)
    assert (found, rest) == ([b"data: 1\r\r", b"data: 2\r\r"], b"x")


def test_what_has_no_end_is_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "MOST_HELD", 100)
    reader = Events()
    passed = b"".join(event for _ in range(30) for event in reader.feed(b"x" * 10))
    assert reader.broken
    assert passed + reader.rest() == b"x" * 300
